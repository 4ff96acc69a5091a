//! Connections, of MQTT and of HTTP alike: how many there are, what they hold, and who makes room.
//!
//! Nobody is turned away. Where there are too many, the one goes that was idle longest, of the address
//! that has most of them; where they hold too many bytes, the one that holds most. So a peer that wants
//! everything only ever pushes itself out.

use std::{
    cmp::Reverse,
    collections::HashMap,
    fmt,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::Notify,
    time::Instant,
};

/// The connections that there are. Its clones are the same.
#[derive(Clone)]
pub(crate) struct Connections(Arc<Shared>);

struct Shared {
    most: usize,
    most_bytes: usize,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    places: HashMap<u64, Entry>,
    by_address: HashMap<IpAddr, usize>,
    /// What all of them hold.
    bytes: usize,
    last: u64,
}

struct Entry {
    address: IpAddr,
    /// When it last did something.
    heard: Instant,
    bytes: usize,
    notice: Arc<Notice>,
}

/// Tells a connection that it has to go.
#[derive(Default)]
struct Notice {
    why: OnceLock<MadeRoom>,
    news: Notify,
}

/// Why a connection has to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MadeRoom {
    /// It was idle longest when there were too many.
    Idle,
    /// It held most when all of them held too much.
    Bytes,
}

impl fmt::Display for MadeRoom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Idle => "there are too many connections, and it was idle longest",
            Self::Bytes => "connections hold too much memory, and it held most",
        })
    }
}

/// The place of one connection, free again when this is dropped.
pub(crate) struct Place {
    number: u64,
    connections: Connections,
    notice: Arc<Notice>,
}

/// Bytes that a connection holds; none any more when this is dropped.
pub(crate) struct Holding {
    number: u64,
    connections: Connections,
    bytes: usize,
}

impl Connections {
    /// At most `most` of them, which hold at most `most_bytes`.
    pub(crate) fn new(most: usize, most_bytes: usize) -> Self {
        Self(Arc::new(Shared { most, most_bytes, open: Mutex::default() }))
    }

    /// Takes connections until the future is dropped.
    pub(crate) async fn accept<F: Future<Output = ()> + Send + 'static>(
        &self,
        listener: TcpListener,
        serve: impl Fn(TcpStream, SocketAddr, Place) -> F,
    ) {
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => {
                    let _ = stream.set_nodelay(true);
                    tokio::spawn(serve(stream, peer, self.enter(peer.ip())));
                }
                // Out of file descriptors, mostly: some will be given back.
                Err(_) => {
                    self.open().let_idle_go();
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
        }
    }

    /// A place for a connection. Where there is none, another one makes room.
    pub(crate) fn enter(&self, address: IpAddr) -> Place {
        let mut open = self.open();
        while open.places.len() >= self.0.most.max(1) {
            open.let_idle_go();
        }
        open.last += 1;
        let (number, notice) = (open.last, Arc::<Notice>::default());
        let entry = Entry { address, heard: Instant::now(), bytes: 0, notice: Arc::clone(&notice) };
        open.places.insert(number, entry);
        *open.by_address.entry(address).or_default() += 1;
        drop(open);
        Place { number, connections: self.clone(), notice }
    }

    fn hold(&self, number: u64, before: usize, bytes: usize) {
        let mut open = self.open();
        let Some(entry) = open.places.get_mut(&number) else { return };
        entry.bytes = entry.bytes - before + bytes;
        open.bytes = open.bytes - before + bytes;
        while open.bytes > self.0.most_bytes {
            open.let_largest_go();
        }
    }

    /// How many there are, and how many bytes they hold.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) fn held(&self) -> (usize, usize) {
        let open = self.open();
        (open.places.len(), open.bytes)
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    /// Of the address that has most connections, the one that was idle longest.
    fn let_idle_go(&mut self) {
        let crowded = self.by_address.iter().max_by_key(|(address, count)| (**count, **address));
        let Some((&crowded, _)) = crowded else { return };
        let of_it = self.places.iter().filter(|(_, entry)| entry.address == crowded);
        let longest = of_it.min_by_key(|(number, entry)| (entry.heard, **number));
        if let Some((&number, _)) = longest {
            self.let_go(number, MadeRoom::Idle);
        }
    }

    /// The one that holds most; of several, the one that was idle longest.
    fn let_largest_go(&mut self) {
        let key = |(number, entry): &(&u64, &Entry)| {
            (entry.bytes, Reverse(entry.heard), Reverse(**number))
        };
        if let Some((&number, _)) = self.places.iter().max_by_key(key) {
            self.let_go(number, MadeRoom::Bytes);
        }
    }

    fn let_go(&mut self, number: u64, why: MadeRoom) {
        if let Some(entry) = self.remove(number) {
            let _ = entry.notice.why.set(why);
            entry.notice.news.notify_one();
        }
    }

    fn remove(&mut self, number: u64) -> Option<Entry> {
        let entry = self.places.remove(&number)?;
        self.bytes -= entry.bytes;
        if let Some(count) = self.by_address.get_mut(&entry.address) {
            *count -= 1;
            if *count == 0 {
                self.by_address.remove(&entry.address);
            }
        }
        Some(entry)
    }
}

impl Place {
    /// The connection has done something.
    pub(crate) fn heard(&self) {
        if let Some(entry) = self.connections.open().places.get_mut(&self.number) {
            entry.heard = Instant::now();
        }
    }

    /// What it holds besides, from now on: nothing yet.
    pub(crate) fn holding(&self) -> Holding {
        Holding { number: self.number, connections: self.connections.clone(), bytes: 0 }
    }

    /// Waits until the connection has to make room. For one who waits.
    pub(crate) async fn made_room(&self) -> MadeRoom {
        loop {
            if let Some(&why) = self.notice.why.get() {
                return why;
            }
            self.notice.news.notified().await;
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.connections.open().remove(self.number);
    }
}

impl Holding {
    /// It is so many bytes now.
    pub(crate) fn resize(&mut self, bytes: usize) {
        if bytes != self.bytes {
            self.connections.hold(self.number, self.bytes, bytes);
            self.bytes = bytes;
        }
    }

    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Drop for Holding {
    fn drop(&mut self) {
        self.resize(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> IpAddr {
        IpAddr::from([127, 0, 0, last])
    }

    fn gone(place: &Place) -> Option<MadeRoom> {
        place.notice.why.get().copied()
    }

    #[tokio::test(start_paused = true)]
    async fn who_was_idle_longest_makes_room() {
        let connections = Connections::new(3, 100);
        let mut crowd = Vec::new();
        let alone = connections.enter(address(1));
        for _ in 0..2 {
            tokio::time::advance(Duration::from_secs(1)).await;
            crowd.push(connections.enter(address(2)));
        }
        tokio::time::advance(Duration::from_secs(1)).await;
        crowd[0].heard();
        let newest = connections.enter(address(3));
        assert_eq!(gone(&crowd[1]), Some(MadeRoom::Idle));
        assert_eq!(crowd[1].made_room().await, MadeRoom::Idle);
        assert!([&alone, &crowd[0], &newest].into_iter().all(|place| gone(place).is_none()));
        // One that leaves by itself makes room as well.
        drop(alone);
        let next = connections.enter(address(3));
        assert_eq!((gone(&next), connections.open().places.len()), (None, 3));
    }

    #[test]
    fn who_holds_most_makes_room() {
        let connections = Connections::new(10, 100);
        let places: Vec<_> = (1..=3).map(|last| connections.enter(address(last))).collect();
        let mut held: Vec<_> = places.iter().map(Place::holding).collect();
        held[0].resize(30);
        held[1].resize(50);
        held[2].resize(20);
        assert_eq!(connections.open().bytes, 100);
        held[2].resize(21);
        assert_eq!(gone(&places[1]), Some(MadeRoom::Bytes));
        // What it still has is not counted any more.
        held[1].resize(1_000);
        assert_eq!(connections.open().bytes, 51);
        let mut more = places[0].holding();
        more.resize(40);
        drop(more);
        drop(held);
        assert_eq!(connections.open().bytes, 0);
        assert_eq!([gone(&places[0]), gone(&places[2])], [None, None]);
    }
}
