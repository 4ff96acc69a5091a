//! Topics and digests that are valid or nearly valid.

use iothub_oracles::{digest, message, topic};
use iothub_resource::{ContentMd5, Md5Sum, Message, Profile, Topic};
use proptest::{collection::vec, prelude::*};

proptest! {
    #[test]
    fn right_topics(text in "\\$resource/(up|down)/service/[A-Za-z0-9]{1,10}/[A-Za-z0-9:_-]{1,48}") {
        prop_assert_eq!(topic::fault(&text), None);
        topic::text(text.as_bytes());
    }

    #[test]
    fn topics_that_are_nearly_right(
        root in "(\\$resource){4}|\\$?[a-z]{0,3}|.?\\$resource.?",
        direction in "up|down|up|down|[a-z+]{0,4}",
        service in "service|service|service|[a-z]{0,8}|service/",
        product_id in "[A-Za-z0-9]{0,12}|.{0,3}",
        device_name in "[A-Za-z0-9:_-]{0,50}|.{0,3}",
    ) {
        let root = if root.len() > 30 { "$resource".to_owned() } else { root };
        topic::text(format!("{root}/{direction}/{service}/{product_id}/{device_name}").as_bytes());
    }

    #[test]
    fn hex(
        text in "[0-9a-f]{32}|[0-9a-fA-F]{32}|[0-9a-f]{30,34}|[0-9a-f]{31}[.]|[0-9a-g*é]{30,33}",
    ) {
        digest::bytes(text.as_bytes());
    }

    #[test]
    fn base64(
        text in "[A-Za-z0-9+/]{21}[AQgw]==|[A-Za-z0-9+/]{22}==|[A-Za-z0-9+/_-]{20,24}={0,3}|.{24}",
    ) {
        digest::bytes(text.as_bytes());
    }

    #[test]
    fn bytes(bytes in vec(any::<u8>(), 16..600)) {
        digest::bytes(&bytes);
    }
}

proptest! {
    /// The strategies of the feature `proptest` must create valid messages and shrink to valid
    /// ones.
    #[test]
    fn messages_of_the_feature(message in any::<Message<'static>>()) {
        for profile in Profile::ALL {
            message::in_profile(profile, &message);
        }
    }

    #[test]
    fn documented_messages_of_the_feature(
        message in any_with::<Message<'static>>(Some(Profile::Documented)),
    ) {
        prop_assert_eq!(message.check(Profile::Documented), Ok(()));
    }

    #[test]
    fn topics_and_digests_of_the_feature(
        topic in any::<Topic>(), digest in any::<Md5Sum>(), header in any::<ContentMd5>(),
    ) {
        prop_assert_eq!(topic.to_string().parse(), Ok(topic));
        prop_assert_eq!(digest.to_string().parse(), Ok(digest));
        prop_assert_eq!(header.to_string().parse(), Ok(header));
    }
}
