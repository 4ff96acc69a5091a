//! The open MQTT and HTTP connections: their number, the bytes that they hold, and the choice of
//! the connection to close when a limit is reached.
//!
//! No new connection is refused. If there are too many connections, the IP address with the most
//! connections loses its longest-idle connection. If connections hold too many bytes, the
//! connection that holds the most bytes is closed. Therefore, a peer that uses up the limits
//! usually displaces only its own connections.

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

/// The open connections and their limits. Clones share one state.
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
    /// The number of bytes that all connections hold.
    bytes: usize,
    last: u64,
}

struct Entry {
    address: IpAddr,
    /// The time of the last activity on the connection.
    heard: Instant,
    bytes: usize,
    notice: Arc<Notice>,
}

/// The notice to a connection that it has to close.
#[derive(Default)]
struct Notice {
    why: OnceLock<MadeRoom>,
    news: Notify,
}

/// The reason why a connection has to close, for example because there are too many connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MadeRoom {
    /// There were too many connections, and this connection had been idle the longest of all
    /// connections from its IP address.
    Idle,
    /// Connections held too many bytes, and this connection held the most bytes.
    Bytes,
}

impl fmt::Display for MadeRoom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Idle => {
                "there are too many connections, and this connection has been idle the \
                 longest of all connections from its address"
            }
            Self::Bytes => "the connections use too much memory, and this connection uses the most",
        })
    }
}

/// The place that an open connection occupies. Dropping the value frees the place.
pub(crate) struct Place {
    number: u64,
    connections: Connections,
    notice: Arc<Notice>,
}

/// A part of the bytes that a connection holds. Dropping the value subtracts these bytes from the
/// total of the connection.
pub(crate) struct Holding {
    number: u64,
    connections: Connections,
    bytes: usize,
}

impl Connections {
    /// Creates a state that allows `most` open connections, which together hold at most
    /// `most_bytes`.
    pub(crate) fn new(most: usize, most_bytes: usize) -> Self {
        Self(Arc::new(Shared { most, most_bytes, open: Mutex::default() }))
    }

    /// Accepts connections and calls `serve` for each of them, until the future is dropped.
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
                // Usually, this call fails because the process has no free file descriptor.
                Err(_) => self.make_room().await,
            }
        }
    }

    /// Closes the longest-idle connection of the IP address with the most connections, and then
    /// waits 20 milliseconds. Call this method if a file cannot be opened, because each connection
    /// is also an open file.
    pub(crate) async fn make_room(&self) {
        self.open().let_idle_go();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }

    /// Adds a connection from this IP address and returns its place. If there are too many
    /// connections, first closes an older connection.
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

    /// Returns the number of connections and the number of bytes that they hold.
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
    /// Closes the longest-idle connection of the IP address with the most connections.
    fn let_idle_go(&mut self) {
        let crowded = self.by_address.iter().max_by_key(|(address, count)| (**count, **address));
        let Some((&crowded, _)) = crowded else { return };
        let of_it = self.places.iter().filter(|(_, entry)| entry.address == crowded);
        let longest = of_it.min_by_key(|(number, entry)| (entry.heard, **number));
        if let Some((&number, _)) = longest {
            self.let_go(number, MadeRoom::Idle);
        }
    }

    /// Closes the connection that holds the most bytes. If several connections hold this number of
    /// bytes, closes the longest-idle one.
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
    /// Records the current time as the time of the last activity on the connection.
    pub(crate) fn heard(&self) {
        if let Some(entry) = self.connections.open().places.get_mut(&self.number) {
            entry.heard = Instant::now();
        }
    }

    /// Returns a new part of the bytes that the connection holds. The part has 0 bytes at first.
    pub(crate) fn holding(&self) -> Holding {
        Holding { number: self.number, connections: self.connections.clone(), bytes: 0 }
    }

    /// Waits until the connection has to close, and returns the reason. Only one task may call this
    /// method for a connection.
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
    /// Sets the number of bytes in this part. If all connections together then hold too many bytes,
    /// closes the connections that hold the most.
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
        // A connection that closes by itself also frees a place.
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
        // A connection that has to close is no longer counted.
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
