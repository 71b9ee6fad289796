// Reports an event with a generated Go client, reads it back and prints the number of recorded events.
//
//	npm run -s ihf -- sdk generate --generator go --server $IHF_URL --out client \
//	    --properties packageName=ihf,gitHost=example.com,gitUserId=shop,gitRepoId=ihf
//	go mod init example.com/shop/report
//	go mod edit -replace example.com/shop/ihf=./client
//	go mod tidy
//	IHF_API_KEY=… IHF_WIDGET_ID=… go run .
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"

	"example.com/shop/ihf"
)

func main() {
	configuration := ihf.NewConfiguration()
	configuration.Servers = ihf.ServerConfigurations{{URL: os.Getenv("IHF_URL")}}
	events := ihf.NewAPIClient(configuration).InteractionEventsAPI
	ctx := context.WithValue(context.Background(), ihf.ContextAccessToken, os.Getenv("IHF_API_KEY"))

	event := ihf.NewInteractionEventCreate(os.Getenv("IHF_WIDGET_ID"), ihf.EVENTTYPE_CLICKED)
	event.SetProperties(map[string]interface{}{"basket_value": 129.9})
	recorded, response, err := events.CreateInteractionEvent(ctx).InteractionEventCreate(*event).Execute()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("recorded", recorded.Id, response.StatusCode)

	found, _, err := events.GetInteractionEvent(ctx, recorded.Id).Execute()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("read back", found.Id, found.EventType, found.Properties["basket_value"])

	// A registry value in a response is a string: it may be newer than this client.
	page, _, err := events.ListInteractionEvents(ctx).Limit(20).Execute()
	if err != nil {
		log.Fatal(err)
	}
	for _, event := range page.Data {
		fmt.Println("listed", event.EventType)
	}

	unknown := ihf.NewInteractionEventCreate("00000000-0000-7000-8000-000000000000", ihf.EVENTTYPE_CLICKED)
	_, _, err = events.CreateInteractionEvent(ctx).InteractionEventCreate(*unknown).Execute()
	var rejected *ihf.GenericOpenAPIError
	if errors.As(err, &rejected) {
		problem := rejected.Model().(ihf.Problem)
		fmt.Println("rejected", problem.Status, problem.Type, problem.Errors[0].GetPointer())
	}
}
