import ihf.ApiClient;
import ihf.ApiException;
import ihf.ApiResponse;
import ihf.api.InteractionEventsApi;
import ihf.model.EventType;
import ihf.model.InteractionEvent;
import ihf.model.InteractionEventCreate;
import ihf.model.Problem;
import java.util.Map;
import java.util.UUID;

/**
 * Reports an event with a generated Java client, reads it back and prints the number of recorded events.
 *
 * <pre>
 * npm run -s ihf -- sdk generate --generator java --server $IHF_URL --out client --properties \
 *     library=native,groupId=com.example,artifactId=ihf-client,invokerPackage=ihf,apiPackage=ihf.api,modelPackage=ihf.model
 * mvn -f client/pom.xml package dependency:build-classpath -Dmdep.outputFile=classpath.txt -DskipTests
 * IHF_API_KEY=… IHF_WIDGET_ID=… java -cp "client/target/classes:$(cat client/classpath.txt)" Main.java
 * </pre>
 */
public class Main {
  public static void main(String[] args) throws Exception {
    ApiClient client = new ApiClient();
    client.updateBaseUri(System.getenv("IHF_URL"));
    client.setRequestInterceptor(
        request -> request.header("Authorization", "Bearer " + System.getenv("IHF_API_KEY")));
    InteractionEventsApi events = new InteractionEventsApi(client);

    InteractionEventCreate event = new InteractionEventCreate()
        .widgetId(UUID.fromString(System.getenv("IHF_WIDGET_ID")))
        .eventType(EventType.CLICKED)
        .properties(Map.of("basket_value", 129.9));
    ApiResponse<InteractionEvent> response = events.createInteractionEventWithHttpInfo(event, null);
    InteractionEvent recorded = response.getData();
    System.out.println("recorded " + recorded.getId() + " " + response.getStatusCode());

    InteractionEvent found = events.getInteractionEvent(recorded.getId());
    System.out.println(
        "read back " + found.getId() + " " + found.getEventType() + " " + found.getProperties().get("basket_value"));

    // A registry value in a response is a string: it may be newer than this client.
    for (InteractionEvent listed :
        events.listInteractionEvents(null, null, null, null, null, 20, null).getData()) {
      System.out.println("listed " + listed.getEventType());
    }

    try {
      events.createInteractionEvent(event.widgetId(UUID.fromString("00000000-0000-7000-8000-000000000000")), null);
    } catch (ApiException rejected) {
      Problem problem = client.getObjectMapper().readValue(rejected.getResponseBody(), Problem.class);
      System.out.println(
          "rejected " + problem.getStatus() + " " + problem.getType() + " " + problem.getErrors().get(0).getPointer());
    }
  }
}
