//! Parses 802.11 frames that are not encrypted.

use super::{
    layer::{Layer, Step, short},
    unread::Unread,
};

pub(super) fn frame(bytes: &[u8]) -> Option<Step<'_>> {
    const DATA: u8 = 2;
    const WITHOUT_DATA: u8 = 0b0100;
    const WITH_QUALITY: u8 = 0b1000;
    const TO_ACCESS_POINT_AND_FROM: u8 = 0b0011;
    const MORE_FRAGMENTS: u8 = 0b0000_0100;
    const ENCRYPTED: u8 = 0b0100_0000;
    const WITH_CONTROL: u8 = 0b1000_0000;
    const AGGREGATE: u8 = 0b1000_0000;

    let (&kind, &flags) = (bytes.first()?, bytes.get(1)?);
    let (kind, subtype) = (kind >> 2 & 3, kind >> 4);
    if kind != DATA || subtype & WITHOUT_DATA != 0 {
        return Some(Step::Other);
    }
    if flags & ENCRYPTED != 0 {
        return Some(Step::Unread(Unread::Wireless("frames that are encrypted")));
    }
    let fragment = *bytes.get(22)? & 0x0F;
    if flags & MORE_FRAGMENTS != 0 || fragment != 0 {
        return Some(Step::Unread(Unread::Wireless("fragments")));
    }
    let mut length = 24;
    if flags & TO_ACCESS_POINT_AND_FROM == TO_ACCESS_POINT_AND_FROM {
        length += 6;
    }
    let mut is_aggregate = false;
    if subtype & WITH_QUALITY != 0 {
        is_aggregate = *bytes.get(length)? & AGGREGATE != 0;
        length += 2;
        if flags & WITH_CONTROL != 0 {
            length += 4;
        }
    }
    let body = bytes.get(length..)?;
    if is_aggregate { frames(body) } else { Some(Step::Next(Layer::Llc(body))) }
}

/// Returns the frames in an aggregated frame. A header before each of these frames contains two
/// addresses and the length of the frame. Each header begins at an offset that is a multiple of 4.
fn frames(mut bytes: &[u8]) -> Option<Step<'_>> {
    const HEADER: usize = 14;
    const CHECKSUM: usize = 4;
    let mut frames = Vec::new();
    // The rest may be a checksum.
    while bytes.len() > HEADER + CHECKSUM {
        let length = usize::from(short(bytes, 12)?);
        let rest = &bytes[HEADER..];
        frames.push(Layer::Llc(rest.get(..length).unwrap_or(rest)));
        bytes = bytes.get((HEADER + length).next_multiple_of(4)..).unwrap_or_default();
    }
    Some(Step::Frames(frames))
}
