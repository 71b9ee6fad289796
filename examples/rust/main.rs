//! Reports an event with a Rust client that was generated from the hub, reads it back, and tells what is recorded.
//!
//! ```sh
//! npm run -s ihf -- sdk generate --generator rust --server $IHF_HUB --out client --properties packageName=ihf
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
        base_path: var("IHF_HUB")?,
        bearer_access_token: Some(var("IHF_API_KEY")?),
        ..Configuration::default()
    };

    let mut event = InteractionEventCreate::new(var("IHF_WIDGET_ID")?.parse()?, EventType::Clicked);
    event.properties = Some([("basket_value".to_string(), serde_json::json!(129.9))].into());
    let recorded = create_interaction_event(&configuration, event.clone(), None).await?;
    println!("recorded {}", recorded.id);

    let found = get_interaction_event(&configuration, &recorded.id.to_string()).await?;
    println!("read back {} {} {}", found.id, found.event_type, found.properties["basket_value"]);

    // A word of an answer is a string: it may be newer than this client.
    let page = list_interaction_events(&configuration, None, None, None, None, None, Some(20), None).await?;
    for each in page.data {
        println!("listed {}", each.event_type);
    }

    event.widget_id = "00000000-0000-7000-8000-000000000000".parse()?;
    if let Err(Error::ResponseError(refused)) = create_interaction_event(&configuration, event, None).await {
        // Every status holds a problem, so the first variant takes it; `status` beside it tells the real one.
        if let Some(CreateInteractionEventError::Status400(problem)) = refused.entity {
            let failures = problem.errors.unwrap_or_default();
            let pointer = failures.first().and_then(|failure| failure.pointer.clone()).unwrap_or_default();
            println!("refused {} {} {}", problem.status, problem.r#type, pointer);
        }
    }
    Ok(())
}
