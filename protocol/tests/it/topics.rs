//! Tests of the two topics of a device (TOP-1 to TOP-5).

use iothub_resource::{DeviceName, Direction, ProductId, Topic, TopicError};

const UP: &str = "$resource/up/service/D95V6NB56B/deng4";
const DOWN: &str = "$resource/down/service/D95V6NB56B/deng4";

#[test]
fn a_topic_is_read_and_written() -> Result<(), TopicError> {
    for (text, direction) in [(UP, Direction::Up), (DOWN, Direction::Down)] {
        let topic = Topic::parse(text)?;
        let product_id = ProductId::new("D95V6NB56B")?;
        let device_name = DeviceName::new("deng4")?;
        assert_eq!(topic, Topic { direction, product_id, device_name });
        assert_eq!(topic, Topic::new(direction, product_id, device_name));
        assert_eq!(text.parse(), Ok(topic));
        assert_eq!(topic.to_string(), text);
        assert_eq!(serde_json::to_value(topic).unwrap(), text);
    }
    assert_eq!(Topic::parse(UP)?.reply().to_string(), DOWN);
    assert_eq!(Topic::parse(DOWN)?.reply().to_string(), UP);
    assert_eq!(Topic::parse(UP)?.reply().reply(), Topic::parse(UP)?);
    assert_eq!(
        format!("{:?}", Topic::parse(UP)?),
        r#"Topic { direction: Up, product_id: ProductId("D95V6NB56B"), device_name: DeviceName("deng4") }"#,
    );
    Ok(())
}

#[test]
fn what_only_resembles_a_topic_is_somebody_elses() {
    for text in [
        "",
        "$resource",
        "$resource/up/service",
        "$resource/up/service/P",
        "$resource/up/service/P/d/",
        "$resource/up/service/P/d/x",
        "/$resource/up/service/P/d",
        " $resource/up/service/P/d",
        "$RESOURCE/up/service/P/d",
        "$resource/Up/service/P/d",
        "$resource/up/Service/P/d",
        "$resource/sideways/service/P/d",
        "$resource/up/down/service/P/d",
        "$resource//service/P/d",
        "$resource/up//P/d",
        "$resource/up/result/P/d",
        "$resource/+/service/P/d",
        "$resource/up/service/#",
        "$ota/up/service/P/d",
        "$resource/down/service/P",
        "$resource/down/service/P/d/x",
        "resource/up/service/P/d",
        "$resource\\up\\service\\P\\d",
    ] {
        assert_eq!(Topic::parse(text), Err(TopicError::Shape), "{text:?}");
    }
    for text in ["$resource/up/service//d", "$resource/up/service/+/d", "$resource/up/service/P /d"]
    {
        assert_eq!(Topic::parse(text), Err(TopicError::ProductId), "{text:?}");
    }
    for text in ["$resource/up/service/P/", "$resource/up/service/P/d ", "$resource/up/service/P/#"]
    {
        assert_eq!(Topic::parse(text), Err(TopicError::DeviceName), "{text:?}");
    }
}

/// Checks that a type is read, shown, compared and serialised as its text.
macro_rules! texts {
    ($type:ident, $error:ident, $good:expr, $bad:expr) => {
        for text in $good {
            let value = $type::new(text)?;
            assert_eq!(text.parse(), Ok(value));
            assert_eq!(value.as_str(), text);
            assert_eq!(value.to_string(), text);
            assert_eq!(format!("{value:>50}"), format!("{text:>50}"));
            assert_eq!(format!("{value:?}"), format!("{}({text:?})", stringify!($type)));
            assert_eq!(serde_json::to_value(value).unwrap(), text);
        }
        for text in $bad {
            assert_eq!($type::new(text), Err(TopicError::$error), "{text:?}");
            assert_eq!(text.parse::<$type>(), Err(TopicError::$error), "{text:?}");
        }
    };
}

#[test]
fn product_ids_and_device_names_are_short_and_plain() -> Result<(), TopicError> {
    let longest = "d".repeat(48);
    let longer = "d".repeat(49);
    let wide = "é".repeat(24);
    texts!(
        ProductId,
        ProductId,
        ["P", "0", "zZ09aA", "D95V6NB56B"],
        ["", "D95V6NB56BX", "a_b", "a-b", "a:b", "a b", "é", "+", "#", "a/b", "a\n", "Ａ"]
    );
    texts!(
        DeviceName,
        DeviceName,
        ["d", "-", "_", ":", "azAZ09:_-", &longest],
        ["", &longer, "a.b", "a b", "é", "+", "#", "a/b", "a\0", &wide, "a@b", "a[b", "a`b", "a{b"]
    );
    Ok(())
}

#[test]
fn directions_have_names() {
    assert_eq!(Direction::ALL.map(Direction::as_str), ["up", "down"]);
    assert_eq!(format!("[{:>5}]", Direction::Up), "[   up]");
}
