//! Reports an event with a generated Rust client, reads it back and prints the number of recorded events.
//!
//! ```sh
//! npm run -s ihf -- sdk generate --generator rust --server $IHF_URL --out client --properties packageName=ihf
//! cargo init --name report && cp main.rs src/
//! cargo add tokio --features macros,rt
//! cargo add serde_json
//! cargo add --path client --no-default-features    # the default features bring TLS
//! IHF_API_KEY=… IHF_WIDGET_ID=… cargo run
//! ```
use ihf::apis::configuration::Configuration;
use ihf::apis::interaction_events_api::{
    create_interaction_event, get_interaction_event, list_interaction_events, CreateInteractionEventError,
};
use ihf::apis::Error;
use ihf::models::{EventType, InteractionEventCreate};
use std::env::var;
use std::error::Error as StdError;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn StdError>> {
    let configuration = Configuration {
        base_path: var("IHF_URL")?,
        bearer_access_token: Some(var("IHF_API_KEY")?),
        ..Configuration::default()
    };

    let mut event = InteractionEventCreate::new(var("IHF_WIDGET_ID")?.parse()?, EventType::Clicked);
    event.properties = Some([("basket_value".to_string(), serde_json::json!(129.9))].into());
    let recorded = create_interaction_event(&configuration, event.clone(), None).await?;
    println!("recorded {}", recorded.id);

    let found = get_interaction_event(&configuration, &recorded.id.to_string()).await?;
    println!("read back {} {} {}", found.id, found.event_type, found.properties["basket_value"]);

    // A registry value in a response is a string: it may be newer than this client.
    let page = list_interaction_events(&configuration, None, None, None, None, None, Some(20), None).await?;
    for event in page.data {
        println!("listed {}", event.event_type);
    }

    event.widget_id = "00000000-0000-7000-8000-000000000000".parse()?;
    if let Err(Error::ResponseError(rejected)) = create_interaction_event(&configuration, event, None).await {
        // Every error has the same body, so it matches the first variant; `problem.status` is the actual status.
        if let Some(CreateInteractionEventError::Status400(problem)) = rejected.entity {
            let issues = problem.errors.unwrap_or_default();
            let pointer = issues.first().and_then(|issue| issue.pointer.clone()).unwrap_or_default();
            println!("rejected {} {} {}", problem.status, problem.r#type, pointer);
        }
    }
    Ok(())
}
