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
 * Reports an event with a Java client that was generated from the hub, reads it back, and tells what is recorded.
 *
 * <pre>
 * npm run -s ihf -- sdk generate --generator java --server $IHF_HUB --out client --properties \
 *     library=native,groupId=com.example,artifactId=ihf-client,invokerPackage=ihf,apiPackage=ihf.api,modelPackage=ihf.model
 * mvn -f client/pom.xml package dependency:build-classpath -Dmdep.outputFile=classpath.txt -DskipTests
 * IHF_API_KEY=… IHF_WIDGET_ID=… java -cp "client/target/classes:$(cat client/classpath.txt)" Main.java
 * </pre>
 */
public class Main {
  public static void main(String[] args) throws Exception {
    ApiClient client = new ApiClient();
    client.updateBaseUri(System.getenv("IHF_HUB"));
    client.setRequestInterceptor(
        request -> request.header("Authorization", "Bearer " + System.getenv("IHF_API_KEY")));
    InteractionEventsApi events = new InteractionEventsApi(client);

    InteractionEventCreate event = new InteractionEventCreate()
        .widgetId(UUID.fromString(System.getenv("IHF_WIDGET_ID")))
        .eventType(EventType.CLICKED)
        .properties(Map.of("basket_value", 129.9));
    ApiResponse<InteractionEvent> answer = events.createInteractionEventWithHttpInfo(event, null);
    InteractionEvent recorded = answer.getData();
    System.out.println("recorded " + recorded.getId() + " " + answer.getStatusCode());

    InteractionEvent found = events.getInteractionEvent(recorded.getId());
    System.out.println(
        "read back " + found.getId() + " " + found.getEventType() + " " + found.getProperties().get("basket_value"));

    // A word of an answer is a string: it may be newer than this client.
    for (InteractionEvent each :
        events.listInteractionEvents(null, null, null, null, null, 20, null).getData()) {
      System.out.println("listed " + each.getEventType());
    }

    try {
      events.createInteractionEvent(event.widgetId(UUID.fromString("00000000-0000-7000-8000-000000000000")), null);
    } catch (ApiException refused) {
      Problem problem = client.getObjectMapper().readValue(refused.getResponseBody(), Problem.class);
      System.out.println(
          "refused " + problem.getStatus() + " " + problem.getType() + " " + problem.getErrors().get(0).getPointer());
    }
  }
}
