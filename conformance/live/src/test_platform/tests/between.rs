//! Changes the packets of a broker on their way to the device.

use std::{io, net::SocketAddr};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    select,
};

/// A function that returns the packets that the device receives instead of a packet.
pub(super) type PacketChange = fn(Vec<u8>) -> Vec<u8>;

/// Listens for the device and connects to the broker. Returns the address for the device.
pub(super) async fn between(broker: SocketAddr, change: PacketChange) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((device, _)) = listener.accept().await {
            let broker = TcpStream::connect(broker).await.unwrap();
            tokio::spawn(async move {
                let (from_broker, mut to_broker) = broker.into_split();
                let (mut from_device, to_device) = device.into_split();
                select! {
                    _ = copy(&mut from_device, &mut to_broker) => {}
                    _ = pass_on(from_broker, to_device, change) => {}
                }
            });
        }
    });
    address
}

async fn pass_on(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    change: PacketChange,
) -> io::Result<()> {
    loop {
        let mut packet = vec![from.read_u8().await?];
        let (mut length, mut shift) = (0, 0);
        loop {
            let byte = from.read_u8().await?;
            packet.push(byte);
            length |= usize::from(byte & 0x7F) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                break;
            }
        }
        let head = packet.len();
        packet.resize(head + length, 0);
        from.read_exact(&mut packet[head..]).await?;
        to.write_all(&change(packet)).await?;
    }
}
