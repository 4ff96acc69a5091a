//! Describes the two channels as an AsyncAPI 3 document.

use iothub_resource::{Direction, MessageType, Profile};
use serde_json::{Map, Value, json};

use super::messages;

/// Returns the channels with the messages of the `deployed` profile, from the viewpoint of a
/// device.
pub(super) fn document() -> Value {
    let mut messages = Map::new();
    for kind in MessageType::ALL {
        let payload = messages::message(*kind, Profile::Deployed);
        messages.insert(
            kind.to_string(),
            json!({
                "name": kind.as_str(),
                "title": kind.as_str(),
                "summary": format!("{}, {}", kind.requirement(), if kind.is_in(Profile::Documented) {
                    "documented"
                } else {
                    "only in the deployed profile"
                }),
                "contentType": "application/json",
                "payload": payload,
            }),
        );
    }
    json!({
        "asyncapi": "3.1.0",
        "info": {
            "title": "Tencent Cloud IoT Hub resource management",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Devices and the platform exchange files. Tasks and progress use MQTT, \
            and the bytes of the files use HTTP. This document is generated from the tables of the \
            decoder. The specification contains the rules for sequences of messages and the rules \
            that a schema cannot express.",
            "license": { "name": "MIT OR Apache-2.0" },
        },
        "defaultContentType": "application/json",
        "channels": {
            "up": channel(Direction::Up),
            "down": channel(Direction::Down),
        },
        "operations": {
            "sendUp": operation("send", Direction::Up),
            "receiveDown": operation("receive", Direction::Down),
        },
        "components": { "messages": messages },
    })
}

fn of(direction: Direction) -> impl Iterator<Item = &'static MessageType> {
    MessageType::ALL.iter().filter(move |kind| kind.direction() == direction)
}

fn channel(direction: Direction) -> Value {
    let messages: Map<String, Value> = of(direction)
        .map(|kind| (kind.to_string(), json!({ "$ref": format!("#/components/messages/{kind}") })))
        .collect();
    let (address, who) = match direction {
        Direction::Up => ("$resource/up/service/{productId}/{deviceName}", "the device publishes"),
        Direction::Down => {
            ("$resource/down/service/{productId}/{deviceName}", "the platform publishes")
        }
    };
    json!({
        "address": address,
        "title": direction.to_string(),
        "description": format!("The messages that {who} (TOP-1, TOP-2)."),
        "parameters": {
            "productId": {
                "description": "The product id: 1 to 10 ASCII letters or digits (TOP-3).",
            },
            "deviceName": {
                "description": "The device name: 1 to 48 characters from A-Z a-z 0-9 : _ - (TOP-4).",
            },
        },
        "messages": messages,
    })
}

fn operation(action: &str, direction: Direction) -> Value {
    let messages: Vec<Value> = of(direction)
        .map(|kind| json!({ "$ref": format!("#/channels/{direction}/messages/{kind}") }))
        .collect();
    json!({
        "action": action,
        "channel": { "$ref": format!("#/channels/{direction}") },
        "messages": messages,
    })
}
