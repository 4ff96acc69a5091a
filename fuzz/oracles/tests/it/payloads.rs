//! Payloads that are not messages, or that are only nearly messages.

use iothub_oracles::{decode, lenient};
use proptest::prelude::*;

use crate::{
    edits::{edited, edits, json_byte},
    table,
};

/// Runs all decoding oracles on a payload.
fn read(payload: &[u8]) {
    decode::up(payload);
    decode::down(payload);
    lenient::payload(payload);
}

proptest! {
    #[test]
    fn any_json_like_text_is_read_or_refused(
        text in "[\\{\\}\\[\\]:,\"\\\\ \n\tu0-9a-f\\-.eé]{0,40}",
    ) {
        read(text.as_bytes());
    }

    #[test]
    fn edited_messages_are_read_or_refused(
        payload in edited(table::payloads(), edits(3, json_byte(), 60)),
    ) {
        read(&payload);
    }
}
