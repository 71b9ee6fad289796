// Reports an event with a Go client that was generated from the hub, reads it back, and tells what is recorded.
//
//	npm run -s ihf -- sdk generate --generator go --server $IHF_HUB --out client \
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
	configuration.Servers = ihf.ServerConfigurations{{URL: os.Getenv("IHF_HUB")}}
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

	// A word of an answer is a string: it may be newer than this client.
	page, _, err := events.ListInteractionEvents(ctx).Limit(20).Execute()
	if err != nil {
		log.Fatal(err)
	}
	for _, each := range page.Data {
		fmt.Println("listed", each.EventType)
	}

	nowhere := ihf.NewInteractionEventCreate("00000000-0000-7000-8000-000000000000", ihf.EVENTTYPE_CLICKED)
	_, _, err = events.CreateInteractionEvent(ctx).InteractionEventCreate(*nowhere).Execute()
	var refused *ihf.GenericOpenAPIError
	if errors.As(err, &refused) {
		problem := refused.Model().(ihf.Problem)
		fmt.Println("refused", problem.Status, problem.Type, problem.Errors[0].GetPointer())
	}
}
