//! Finds the requirement that a disagreement concerns.

use iothub_conformance_suite::{Case, Event, Request, Verdict};
use iothub_resource::{Code, Key, Message, MessageType, Profile, session::FindingKind};

use super::{
    compare::Difference,
    message_tree::{Slot, quoted, requirement_of, shortest_value},
    tokens::{is_space, members, tokens, unescaped},
};

/// Returns the id of the requirement that a disagreement about `case` concerns. If the case does
/// not determine it, returns `otherwise`, which the generator provides.
pub(super) fn requirement(
    case: &Case,
    difference: &Difference,
    otherwise: &'static str,
) -> &'static str {
    if let Difference::Advises { missing, wrong } = difference {
        let codes: Vec<&String> = missing.iter().chain(wrong).collect();
        let of = |code: &str| codes.iter().any(|own| *own == code);
        return match () {
            () if of("percent-decreased") => "SES-8",
            () if of("repeated") => "SES-11",
            () => "SES-9",
        };
    }
    match (&case.request, &case.verdict) {
        (Request::Decode { profile, direction, payload }, Verdict::Reject { .. }) => {
            Message::decode(*profile, *direction, payload)
                .map_or_else(|error| error.kind().requirement(), |_| otherwise)
        }
        (Request::Encode { profile, message }, Verdict::Reject { code, .. }) => {
            Message::from_json(*profile, message.get()).map_or_else(
                |error| error.kind().requirement(),
                |_| if code == Code::PayloadTooLarge.as_str() { "ENC-1" } else { otherwise },
            )
        }
        (Request::Trace { profile, events }, Verdict::Reject { code, at: Some(at) }) => {
            let Some(event) = events.get(*at) else { return otherwise };
            match Message::from_json(*profile, event.message.get()) {
                Err(error) => error.kind().requirement(),
                Ok(message) => of_finding(code, &message),
            }
        }
        (Request::Decode { payload, .. }, Verdict::Accept(_)) => of_valid(payload, otherwise),
        (Request::Encode { message, .. }, Verdict::Accept(_)) => {
            of_valid(message.get().as_bytes(), otherwise)
        }
        (Request::ContentMd5Encode { .. }, Verdict::Reject { .. }) => "VAL-3",
        (Request::ContentMd5Decode { .. }, Verdict::Reject { .. }) => "HTTP-2",
        (Request::Trace { profile, events }, Verdict::Accept(_)) => {
            of_session(*profile, events, difference)
        }
        _ => otherwise,
    }
}

/// Returns the session rule that a message with the finding `code` violates.
fn of_finding(code: &str, message: &Message<'_>) -> &'static str {
    let finding = FindingKind::ALL.iter().find(|kind| kind.as_str() == code);
    match (finding, message) {
        (Some(FindingKind::UnsolicitedResponse), Message::CreateUploadTaskRsp(_)) => "SES-1",
        (Some(FindingKind::UnsolicitedResponse), Message::GetDownloadTaskRsp(_)) => "SES-4",
        (Some(FindingKind::UnsolicitedResponse), _) => "SES-6",
        (Some(FindingKind::EchoMismatch), _) => "SES-2",
        (Some(FindingKind::ProgressBeforeUrl), _) => "SES-3",
        (Some(FindingKind::NoSuchTask), Message::ReportDownloadProgress(_)) => "SES-5",
        (Some(FindingKind::NoSuchTask), _) => "SES-3",
        (Some(FindingKind::AfterEnd), _) => "SES-7",
        _ => "TOP-6",
    }
}

/// Returns the session rule that a testee wrongly reports as violated.
fn of_session(profile: Profile, events: &[Event], difference: &Difference) -> &'static str {
    let last = events.last().map(|event| event.message.get());
    let Some(Ok(message)) = last.map(|text| Message::from_json(profile, text)) else {
        return "SES-12";
    };
    if events.iter().any(|event| event.dup) {
        return "SES-11";
    }
    match difference {
        Difference::Refuses(Some(code)) => match of_finding(code, &message) {
            "TOP-6" => "SES-12",
            rule => rule,
        },
        _ => match message {
            Message::CreateUploadTask(_) => "SES-10",
            Message::CreateUploadTaskRsp(_) => "SES-1",
            Message::ReportUploadProgress(_) => "SES-3",
            Message::ReportDownloadProgress(_) => "SES-5",
            Message::GetDownloadTask | Message::GetDownloadTaskRsp(_) | Message::Download(_) => {
                "SES-4"
            }
            _ => "SES-6",
        },
    }
}

/// Returns the requirement for the special feature of a valid message. If there are several
/// features, the first one that this function finds counts.
fn of_valid(text: &[u8], otherwise: &'static str) -> &'static str {
    /// The number of bytes that no typical message exceeds.
    const LONG: usize = 1500;
    let Some(top) = members(text) else { return otherwise };
    let named = |key: &[u8]| unescaped(key).unwrap_or_default();
    let kind = top.iter().find(|(key, _)| named(key) == Key::Type.as_str());
    let kind = kind.and_then(|(_, value)| unescaped(value)?.parse::<MessageType>().ok());
    let Some(kind) = kind else { return otherwise };

    let is_written = |value: &[u8]| Key::Progress.as_str() == named(value);
    let inside = top.iter().find(|(key, _)| is_written(key)).and_then(|(_, value)| members(value));
    let inside = inside.filter(|_| kind.keys().contains(&Key::Progress)).unwrap_or_default();
    let slots = || Slot::all().filter(|slot| slot.is_in(kind));
    let all = || {
        let top = top.iter().map(|(key, value)| (false, key, value));
        top.chain(inside.iter().map(|(key, value)| (true, key, value)))
    };
    let slot_of = |is_inside: bool, key: &[u8]| {
        slots().find(|slot| {
            matches!(slot, Slot::InProgress(_)) == is_inside && slot.key().as_str() == named(key)
        })
    };
    if all().any(|(is_inside, key, _)| slot_of(is_inside, key).is_none()) {
        return "ENC-5";
    }
    if tokens(text).into_iter().any(|token| is_space(text[token.start])) {
        return if text.len() > LONG { "ENC-1" } else { "ENC-3" };
    }
    if all().any(|(_, key, value)| {
        key.contains(&b'\\') || value.starts_with(b"\"") && value.contains(&b'\\')
    }) {
        return "ENC-8";
    }
    let is_special = |slot: Slot, value: &[u8]| {
        value != shortest_value(kind, slot.key()).as_slice() && value != quoted("0").as_slice()
    };
    let special = all().find_map(|(is_inside, key, value)| {
        let slot = slot_of(is_inside, key)?;
        let is_value = !matches!(slot, Slot::Top(Key::Type | Key::Progress));
        (is_value && is_special(slot, value)).then(|| requirement_of(slot))
    });
    let order: Vec<Option<Slot>> = all().map(|(inside, key, _)| slot_of(inside, key)).collect();
    let is_percent = |slot: &Slot| *slot == Slot::InProgress(Key::Percent);
    let usual: Vec<Option<Slot>> =
        slots().filter(|slot| order.contains(&Some(*slot))).map(Some).collect();
    if special.is_none() && order != usual {
        return "ENC-7";
    }
    match special {
        Some(rule) => rule,
        None if slots().any(|slot| is_percent(&slot) && !order.contains(&Some(slot))) => "VAL-6",
        None => kind.requirement(),
    }
}
