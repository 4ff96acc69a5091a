//! Tests permitted and refused clients, and the explanations for a refusal.

use std::time::Duration;

use iothub_resource::{DeviceName, ProductId};

use super::clock;
use crate::{
    credentials::{Credentials, DeviceSecret, now},
    limits::Limits,
    mqtt::{
        Connect, Version,
        access::AccessList,
        client::{Client, ClientError},
    },
    platform_server::{MqttSource, PlatformServer, ServerOptions},
    record::{Event, MqttEvent},
};

const SECRET: &str = "AAECAwQFBgcICQoLDA0ODw==";

fn signed(device_name: &str, secret: &str) -> Credentials {
    let (product_id, device_name) =
        (ProductId::new("ABCDEFGHIJ").unwrap(), DeviceName::new(device_name).unwrap());
    Credentials::signed(product_id, device_name, &DeviceSecret::parse(secret).unwrap())
}

/// Connects. Returns the code of the refusal with the reason; `None` if the client is accepted.
async fn refused(
    server: &PlatformServer,
    version: Version,
    credentials: &Credentials,
) -> Option<(u8, String)> {
    let Credentials { client_id, username, password } = credentials;
    let mut connect = Connect::new(version, client_id);
    connect.username.clone_from(username);
    connect.password = password.clone().map(String::into_bytes);
    let address = server.mqtt_url.parse().unwrap();
    match Client::connect(&address, connect, Duration::from_secs(5)).await {
        Ok(client) => {
            client.disconnect().await;
            None
        }
        Err(ClientError::Refused(code)) => loop {
            if let Event::Mqtt(MqttEvent::Refused { why, .. }) = server.recorder.next().await.event
            {
                return Some((code, why));
            }
        },
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn devices_of_the_vendor_s_sdks() {
    clock::block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let loopback = "127.0.0.1:0".parse().unwrap();
        let text = format!("device ABCDEFGHIJ/one {SECRET}\ndevice ABCDEFGHIJ/two BAUGBw==\n");
        let access = AccessList::parse(&text).ok();
        let server = PlatformServer::open(ServerOptions {
            mqtt: MqttSource::Listen { address: loopback, access },
            http: loopback,
            tls: None,
            public_url: None,
            store: folder.path().to_owned(),
            limits: Limits::default(),
        });
        let server = server.await.unwrap();
        let one = || signed("one", SECRET);
        // The user name differs each time.
        assert!(one().username != one().username);
        let secret = DeviceSecret::parse(SECRET).unwrap();
        let expired = Credentials::signed_as(
            ProductId::new("ABCDEFGHIJ").unwrap(),
            DeviceName::new("one").unwrap(),
            &secret,
            "5AiF2",
            now() - 1,
        );
        for version in [Version::V3_1, Version::V3_1_1, Version::V5] {
            assert_eq!(refused(&server, version, &one()).await, None);
            assert_eq!(refused(&server, version, &signed("two", "BAUGBw==")).await, None);
            let code = if version == Version::V5 { 0x86 } else { 4 };
            let other = Credentials { client_id: "ABCDEFGHIJtwo".to_owned(), ..one() };
            for (wrong, part) in [
                (signed("one", "BAUGBw=="), "not the HMAC"),
                (expired.clone(), "has expired"),
                (other, "client id is not that of the device"),
                (signed("three", SECRET), "credentials file has neither"),
            ] {
                let (said, why) = refused(&server, version, &wrong).await.expect("it is refused");
                assert!(said == code && why.contains(part), "{version}: {said}, {why}");
            }
        }
    });
}
