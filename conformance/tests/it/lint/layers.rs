//! The possible headers around the TCP segments in a packet capture.

use super::{
    assert_codes, codes, errors, lint_bytes,
    wire::{Connection, ETHERNET, pcap, session},
};

/// Checks that the session is found in these frames.
#[track_caller]
fn check(link: u32, frames: &[Vec<u8>]) {
    let run = lint_bytes(&pcap(link, frames), &[]);
    let codes: Vec<String> = codes(&run).into_iter().map(|(_, code)| code).collect();
    assert_eq!(codes, ["out-of-range", "missing-field"], "{}", run.stdout);
    assert!(run.stdout.contains("capture: 3 messages, 2 errors\n"), "{}", run.stdout);
}

/// Returns the final line about packets that were not read.
#[track_caller]
fn not_read(link: u32, frames: &[Vec<u8>]) -> String {
    let run = lint_bytes(&pcap(link, frames), &[]);
    assert_eq!(run.status, Some(1), "{run:?}");
    let told = run.stdout.lines().find(|line| line.contains(" not read: "));
    told.expect("it is told").trim().to_owned()
}

/// Returns the IP packets of a session.
fn packets() -> Vec<Vec<u8>> {
    session(4).frames.iter().map(|frame| frame[14..].to_vec()).collect()
}

/// Returns each packet after a header.
fn behind(header: &[u8], packets: &[Vec<u8>]) -> Vec<Vec<u8>> {
    packets.iter().map(|packet| [header, packet].concat()).collect()
}

/// Returns each packet in IPv4 between two routers.
fn in_ip(protocol: u8, packets: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let header = |packet: &Vec<u8>| {
        let length = (20 + packet.len() as u16).to_be_bytes();
        let mut header = vec![0x45, 0, length[0], length[1], 0, 1, 0, 0, 64, protocol, 0, 0];
        header.extend_from_slice(&[192, 0, 2, 1, 192, 0, 2, 2]);
        header
    };
    packets.iter().map(|packet| [header(packet), packet.clone()].concat()).collect()
}

fn in_udp(port: u16, packets: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let datagram = |packet: &Vec<u8>| {
        let length = (8 + packet.len() as u16).to_be_bytes();
        let port = port.to_be_bytes();
        let header = [0xC0, 1, port[0], port[1], length[0], length[1], 0, 0];
        [&header[..], packet].concat()
    };
    in_ip(17, &packets.iter().map(datagram).collect::<Vec<_>>())
}

fn ethernet(ether_type: u16, packets: &[Vec<u8>]) -> Vec<Vec<u8>> {
    behind(&[&[2; 12][..], &ether_type.to_be_bytes()].concat(), packets)
}

const RAW: u32 = 101;
const SNAP: [u8; 8] = [0xAA, 0xAA, 3, 0, 0, 0, 8, 0];

#[test]
fn links() {
    let packets = packets();
    for (link, header) in [
        (ETHERNET, &[&[2; 12][..], &[0x81, 0, 0, 7, 0x81, 0, 0, 8, 8, 0]].concat()[..]),
        (ETHERNET, &[&[2; 12][..], &[0x88, 0xA8, 0, 7, 0x81, 0, 0, 8, 8, 0]].concat()),
        (ETHERNET, &[&[2; 12][..], &[0, 200], &SNAP].concat()),
        // PPP has, or does not have, address, control, and the first byte of the protocol.
        (9, &[0xFF, 3, 0, 0x21]),
        (9, &[0, 0x21]),
        (50, &[0x21]),
        (204, &[1, 0xFF, 3, 0, 0x21]),
        (104, &[0x0F, 0, 8, 0]),
        (105, &[&[0x08, 1][..], &[0; 22], &SNAP].concat()),
        (105, &[&[0x88, 3][..], &[0; 28], &[0, 0], &SNAP].concat()),
        // Radiotap: only flags, and a timer before them.
        (127, &[&[0, 0, 9, 0, 2, 0, 0, 0, 0, 0x08, 2][..], &[0; 22], &SNAP].concat()),
        (
            127,
            &[&[0, 0, 17, 0, 3, 0, 0, 0][..], &[0x40; 8], &[0x10, 8, 0], &[0; 22], &SNAP].concat(),
        ),
        (113, &[&[0; 14][..], &[0x81, 0, 0, 7, 8, 0]].concat()),
        (276, &[&[8, 0][..], &[0; 18]].concat()),
        (239, &[2, 0, 0, 0, 8, 0, 1, 0, 0, 0, 0, 0, 0xFF, 0x7F, 9, 0]),
        // The frames end with a checksum.
        (0x2400_0001, &[&[2; 12][..], &[8, 0]].concat()),
    ] {
        check(link, &behind(header, &packets));
    }
}

#[test]
fn tunnels() {
    let packets = packets();
    let frames = ethernet(0x0800, &packets);
    let mpls = [0, 1, 0, 64, 0, 2, 1, 64];
    let session = |rest: &[Vec<u8>]| {
        let header = |packet: &Vec<u8>| {
            let length = (2 + packet.len() as u16).to_be_bytes();
            [&[0x11, 0, 0, 7, length[0], length[1], 0, 0x21][..], packet].concat()
        };
        rest.iter().map(header).collect::<Vec<_>>()
    };
    for packets in [
        in_ip(4, &packets),
        in_ip(4, &in_ip(4, &packets)),
        in_ip(97, &behind(&[0x30, 0], &frames)),
        in_ip(137, &behind(&mpls, &packets)),
        // GRE: plain, with a checksum, a key and a number; a bridge (NVGRE); PPTP.
        in_ip(47, &behind(&[0, 0, 8, 0], &packets)),
        in_ip(47, &behind(&[&[0xB0, 0, 8, 0][..], &[0; 12]].concat(), &packets)),
        in_ip(47, &behind(&[0x20, 0, 0x65, 0x58, 0, 0, 1, 1], &frames)),
        in_ip(
            47,
            &behind(&[0x30, 0x81, 0x88, 0x0B, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0x21], &packets),
        ),
        in_ip(47, &behind(&[0, 0, 0x88, 0x47, 0, 1, 1, 64], &packets)),
        // ERSPAN, in three versions.
        in_ip(47, &behind(&[0, 0, 0x88, 0xBE], &frames)),
        in_ip(47, &behind(&[&[0x10, 0, 0x88, 0xBE][..], &[0; 4], &[0x10; 8]].concat(), &frames)),
        in_ip(
            47,
            &behind(&[&[0x10, 0, 0x22, 0xEB][..], &[0; 4], &[0x20; 10], &[0, 0]].concat(), &frames),
        ),
        in_ip(
            47,
            &behind(
                &[&[0x10, 0, 0x22, 0xEB][..], &[0; 4], &[0x20; 10], &[0, 1], &[0; 8]].concat(),
                &frames,
            ),
        ),
        in_udp(4789, &behind(&[8, 0, 0, 0, 0, 0, 7, 0], &frames)),
        in_udp(8472, &behind(&[8, 0, 0, 0, 0, 0, 7, 0], &frames)),
        in_udp(6081, &behind(&[1, 0, 0x65, 0x58, 0, 0, 7, 0, 0, 0, 0, 0], &frames)),
        in_udp(6081, &behind(&[0, 0, 8, 0, 0, 0, 7, 0], &packets)),
        in_udp(37_008, &behind(&[1, 0, 0, 1, 10, 1, 0, 1], &frames)),
        in_udp(2152, &behind(&[0x30, 255, 0, 0, 0, 0, 0, 1], &packets)),
        in_udp(1701, &behind(&[0, 2, 0, 1, 0, 1, 0xFF, 3, 0, 0x21], &packets)),
    ] {
        check(RAW, &packets);
    }
    check(ETHERNET, &ethernet(0x8847, &behind(&mpls, &packets)));
    // Ethernet after labels, with and without a control word.
    check(ETHERNET, &ethernet(0x8847, &behind(&[0, 1, 1, 64, 0, 0, 0, 0], &frames)));
    check(ETHERNET, &ethernet(0x8847, &behind(&[0, 1, 1, 64], &frames)));
    check(ETHERNET, &ethernet(0x8864, &session(&packets)));
    check(51, &session(&packets));
}

/// Cuts the payload of an IPv4 packet into fragments of `size` bytes.
fn fragments(packet: &[u8], size: usize, id: u8) -> Vec<Vec<u8>> {
    let (header, payload) = packet.split_at(20);
    let chunks = payload.chunks(size).collect::<Vec<_>>();
    let fragment = |(index, chunk): (usize, &&[u8])| {
        let offset = (index * size / 8) as u16;
        let more = if index + 1 < chunks.len() { 0x2000 } else { 0 };
        let length = (20 + chunk.len() as u16).to_be_bytes();
        let offset = (offset | more).to_be_bytes();
        let mut header = header.to_vec();
        header[2..8].copy_from_slice(&[length[0], length[1], 0, id, offset[0], offset[1]]);
        [&header[..], chunk].concat()
    };
    chunks.iter().enumerate().map(fragment).collect()
}

#[test]
fn fragments_of_ip() {
    let packets = packets();
    let all = |size: usize| -> Vec<Vec<Vec<u8>>> {
        packets.iter().zip(0..).map(|(packet, id)| fragments(packet, size, id)).collect()
    };
    for size in [8, 24, 64] {
        check(RAW, &all(size).concat());
        let backwards: Vec<Vec<u8>> =
            all(size).into_iter().flat_map(|fragments| fragments.into_iter().rev()).collect();
        check(RAW, &backwards);
    }
    // Fragments are also found inside a tunnel.
    let tunnel = in_udp(4789, &behind(&[8, 0, 0, 0, 0, 0, 7, 0], &ethernet(0x0800, &packets)));
    let cut: Vec<Vec<u8>> =
        tunnel.iter().zip(0..).flat_map(|(packet, id)| fragments(packet, 48, id)).collect();
    check(RAW, &cut);
    // One fragment is missing.
    let mut frames = all(24).concat();
    let last = frames.len() - 1;
    frames.remove(last);
    assert!(
        not_read(RAW, &frames).contains("IPv4 fragments of incomplete packets"),
        "{}",
        not_read(RAW, &frames)
    );
}

#[test]
fn frames_of_frames() {
    // Two segments in one wireless frame.
    let packets = packets();
    let body = |packet: &Vec<u8>| {
        let length = (SNAP.len() + packet.len()) as u16;
        let mut part = [&[2; 12][..], &length.to_be_bytes(), &SNAP, packet].concat();
        part.resize(part.len().next_multiple_of(4), 0);
        part
    };
    let header = [&[0x88, 1][..], &[0; 22], &[0x80, 0]].concat();
    let frames: Vec<Vec<u8>> = packets
        .chunks(2)
        .map(|pair| [header.clone(), pair.iter().flat_map(body).collect()].concat())
        .collect();
    check(105, &frames);
}

#[test]
fn what_cannot_be_read_is_counted() {
    let packets = packets();
    let one = &packets[..1];
    for (link, frames, kind) in [
        (147, packets.clone(), "10 packets not read: 10 of link type 147"),
        (RAW, in_ip(50, one), "1 packet not read: 1 IPv4 in ESP"),
        (RAW, in_udp(4500, &behind(&[0, 0, 1, 0], one)), "1 packet not read: 1 in ESP over UDP"),
        (9, behind(&[0, 0xFD], one), "1 packet not read: 1 of PPP protocol 0x00fd"),
        (
            105,
            behind(&[&[8, 0x41][..], &[0; 22]].concat(), one),
            "1 packet not read: 1 802.11 frames that are encrypted",
        ),
        (
            RAW,
            in_ip(47, &behind(&[0, 0, 0x12, 0x34], one)),
            "1 packet not read: 1 in GRE of protocol 0x1234",
        ),
        (ETHERNET, vec![vec![2; 13]], "1 packet not read: 1 with invalid headers"),
    ] {
        assert_eq!(not_read(link, &frames), kind);
    }
    let mixed = [in_ip(50, one), in_ip(108, &packets)].concat();
    assert_eq!(not_read(RAW, &mixed), "11 packets not read: 10 IPv4 in IPComp, 1 IPv4 in ESP");
}

/// Packets without TCP are other traffic.
#[test]
fn other_traffic_is_not_counted() {
    let mut frames = session(4).frames;
    frames.extend(ethernet(0x0806, &[vec![0; 28]]));
    frames.extend(ethernet(0x88CC, &[vec![0; 28]]));
    frames.extend(ethernet(38, &[vec![0x42, 0x42, 3, 0]]));
    frames.extend(ethernet(0x0800, &in_udp(53, &[vec![0; 30]])));
    frames.extend(ethernet(0x0800, &in_ip(1, &[vec![0; 30]])));
    frames.extend(ethernet(0x0800, &in_udp(4500, &[vec![0xFF]])));
    check(ETHERNET, &frames);
    assert_codes(&errors(&lint_bytes(&pcap(9, &[vec![0xFF, 3, 0xC0, 0x21, 1, 1]]), &[])), &[]);
}

/// Returns a pcapng block with a type and a body.
fn block(kind: u32, body: &[u8]) -> Vec<u8> {
    let length = (12 + body.len() as u32).to_le_bytes();
    [&kind.to_le_bytes()[..], &length, body, &length].concat()
}

#[test]
fn blocks_that_are_seldom_written() {
    let words =
        |words: &[u32]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>();
    let Connection { frames, .. } = session(4);
    for kind in [2, 3] {
        let mut file = block(0x0A0D_0D0A, &words(&[0x1A2B_3C4D, 1, u32::MAX, u32::MAX]));
        file.extend(block(1, &words(&[1, 0])));
        for frame in &frames {
            let length = frame.len() as u32;
            let mut body = match kind {
                2 => words(&[0, 0, 0, length, length]),
                _ => words(&[length]),
            };
            body.extend_from_slice(frame);
            body.resize(body.len().next_multiple_of(4), 0);
            file.extend(block(kind, &body));
        }
        let run = lint_bytes(&file, &[]);
        assert_codes(&codes(&run), &[(7, "out-of-range"), (8, "missing-field")]);
    }
    // A block names an interface without a description.
    let mut file = block(0x0A0D_0D0A, &words(&[0x1A2B_3C4D, 1, u32::MAX, u32::MAX]));
    file.extend(block(6, &words(&[3, 0, 0, 4, 4, 0])));
    let run = lint_bytes(&file, &[]);
    assert!(run.stdout.contains("1 of an interface that the file does not describe"), "{run:?}");
}
