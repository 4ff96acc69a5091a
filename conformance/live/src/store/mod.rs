//! The object store: the issued URLs and the files.

mod describe;
mod names;
mod offered_file;
mod ticket;
mod token;
mod url_shape;

use std::{
    collections::{HashMap, VecDeque},
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use iothub_conformance_suite::url::Url;
use iothub_resource::{Resource, ResourceTask, ResourceUrl, UrlError};

pub(crate) use self::{
    describe::FileDescription,
    names::file_name,
    offered_file::{OfferedFile, describe_file, open_regular},
    ticket::{Source, Ticket, TicketPurpose},
    token::Token,
    url_shape::UrlShape,
};
use crate::{http::ResponseFaults, record::Device};

/// The object store. Clones share one state.
#[derive(Clone)]
pub(crate) struct Store(Arc<Shared>);

struct Shared {
    root: PathBuf,
    /// The beginning of issued URLs, without a slash at its end.
    public_url: String,
    most: usize,
    most_bytes: usize,
    tickets: Mutex<Tickets>,
}

#[derive(Default)]
struct Tickets {
    by_token: HashMap<Token, Ticket>,
    oldest: VecDeque<Token>,
    /// The memory that the tickets use, in bytes.
    bytes: usize,
    /// The planned responses for URLs that are issued from now on.
    faults: VecDeque<ResponseFaults>,
    /// The form of URLs that are issued from now on.
    shape: UrlShape,
}

/// The issued URL to which the target of a request belongs.
pub(crate) enum Lookup {
    Ticket(Box<Ticket>),
    /// The token in the path belongs to an issued URL, but the target differs, for example in the
    /// query string.
    Altered(Box<Ticket>),
    Nothing,
}

impl Store {
    /// Creates the folder `root`, and a store that keeps its files there. Issued URLs begin with
    /// `public_url`. The store remembers at most `most` URLs, which use at most `most_bytes` bytes.
    pub(crate) fn new(
        root: &Path,
        public_url: &str,
        most: usize,
        most_bytes: usize,
    ) -> io::Result<Self> {
        fs::create_dir_all(root)?;
        Ok(Self(Arc::new(Shared {
            root: root.to_owned(),
            public_url: public_url.trim_end_matches('/').to_owned(),
            most,
            most_bytes,
            tickets: Mutex::default(),
        })))
    }

    pub(crate) fn public_url(&self) -> &str {
        &self.0.public_url
    }

    /// Issues a URL for an upload and returns this URL.
    pub(crate) fn issue_upload(
        &self,
        device: Device,
        resource: Resource<'static>,
    ) -> Result<ResourceUrl<'static>, UrlError> {
        self.issue(Some(device), resource, TicketPurpose::Upload { kept: false })
    }

    /// Issues a URL for a download and returns the task with this URL.
    pub(crate) fn issue_download(
        &self,
        device: Option<Device>,
        resource: Resource<'static>,
        source: Source,
    ) -> Result<ResourceTask<'static>, UrlError> {
        let url = self.issue(device, resource.clone(), TicketPurpose::Download(source))?;
        Ok(ResourceTask::new(resource, url))
    }

    fn issue(
        &self,
        device: Option<Device>,
        resource: Resource<'static>,
        purpose: TicketPurpose,
    ) -> Result<ResourceUrl<'static>, UrlError> {
        let token = Token::random();
        let mut target =
            format!("/{token}/{}?sign={}", names::url_segment(&resource.name), Token::random());
        let mut tickets = self.tickets();
        let base = tickets.shape.base(&self.0.public_url);
        target += &tickets.shape.padding(base.len() + target.len());
        let url = ResourceUrl::new(format!("{base}{target}"))?;
        // The target in a request includes the path of the public URL.
        let prefix = target_of(&self.0.public_url);
        let target = format!("{}{target}", prefix.trim_end_matches('/'));
        let faults = tickets.faults.clone();
        let ticket = Ticket { target, device, resource, purpose, is_asked: false, faults };
        tickets.bytes += ticket.memory();
        tickets.by_token.insert(token, ticket);
        tickets.oldest.push_back(token);
        while (tickets.oldest.len() > self.0.most || tickets.bytes > self.0.most_bytes)
            && let Some(oldest) = tickets.oldest.pop_front()
        {
            let ticket = tickets.by_token.remove(&oldest);
            tickets.bytes -= ticket.as_ref().map_or(0, Ticket::memory);
        }
        Ok(url)
    }

    /// Sets the form of each URL that is issued from now on.
    pub(crate) fn shape_urls(&self, shape: UrlShape) {
        self.tickets().shape = shape;
    }

    /// Plans the responses for each URL that is issued from now on, in the order of the requests.
    /// The last response applies to all further requests.
    #[cfg(test)]
    pub(crate) fn plan_all(&self, faults: impl IntoIterator<Item = ResponseFaults>) {
        self.tickets().faults = faults.into_iter().collect();
    }

    /// Plans the responses for an issued URL, in the order of the requests. The last response
    /// applies to all further requests.
    pub(crate) fn plan(
        &self,
        url: &ResourceUrl<'_>,
        faults: impl IntoIterator<Item = ResponseFaults>,
    ) {
        let mut tickets = self.tickets();
        if let Some(ticket) = Token::of(url).and_then(|token| tickets.by_token.get_mut(&token)) {
            ticket.faults = faults.into_iter().collect();
        }
    }

    /// Records that a request for this target has arrived. Returns the ticket and the next planned
    /// response.
    pub(crate) fn find(&self, target: &str) -> (Lookup, ResponseFaults) {
        let mut tickets = self.tickets();
        let ticket = Token::in_target(target).and_then(|token| tickets.by_token.get_mut(&token));
        let Some(ticket) = ticket else { return (Lookup::Nothing, ResponseFaults::default()) };
        ticket.is_asked = true;
        if ticket.target != target {
            return (Lookup::Altered(Box::new(ticket.clone())), ResponseFaults::default());
        }
        let next = match ticket.faults.len() {
            0 => ResponseFaults::default(),
            1 => ticket.faults[0].clone(),
            _ => ticket.faults.pop_front().unwrap_or_default(),
        };
        (Lookup::Ticket(Box::new(ticket.clone())), next)
    }

    /// Records that the bytes of an upload have arrived.
    pub(crate) fn set_kept(&self, target: &str) {
        let mut tickets = self.tickets();
        let ticket = Token::in_target(target).and_then(|token| tickets.by_token.get_mut(&token));
        if let Some(Ticket { purpose: TicketPurpose::Upload { kept }, .. }) = ticket {
            *kept = true;
        }
    }

    /// Returns whether the bytes for which a URL was issued have arrived; `None` if the URL is no
    /// longer known.
    pub(crate) fn is_kept(&self, token: Token) -> Option<bool> {
        let tickets = self.tickets();
        let ticket = tickets.by_token.get(&token)?;
        Some(matches!(ticket.purpose, TicketPurpose::Upload { kept: true }))
    }

    /// Returns whether a request for a URL has arrived; `None` if the URL is no longer known.
    pub(crate) fn is_asked(&self, token: Token) -> Option<bool> {
        self.tickets().by_token.get(&token).map(|ticket| ticket.is_asked)
    }

    /// Returns whether the issued URLs name a port.
    pub(crate) fn names_a_port(&self) -> bool {
        let shape = self.tickets().shape;
        ResourceUrl::new(shape.base(&self.0.public_url)).is_ok_and(|url| url.port().is_some())
    }

    /// Returns the path at which an upload is stored.
    pub(crate) fn path_of(&self, device: &Device, name: &str) -> PathBuf {
        self.folder_of(device).join(file_name(name))
    }

    /// Creates a temporary file in the folder for the uploads of a device, and the folder if it is
    /// missing.
    pub(crate) fn begin_file(&self, device: &Device) -> io::Result<tempfile::NamedTempFile> {
        let folder = self.folder_of(device);
        fs::create_dir_all(&folder)?;
        let mut builder = tempfile::Builder::new();
        builder.prefix(".part-");
        // The file has the usual permissions. By default, only the current user could read a
        // temporary file.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        builder.tempfile_in(folder)
    }

    fn folder_of(&self, (product_id, device_name): &Device) -> PathBuf {
        self.0.root.join(product_id.as_str()).join(file_name(device_name.as_str()))
    }

    fn tickets(&self) -> MutexGuard<'_, Tickets> {
        self.0.tickets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the target of a request for a URL.
fn target_of(url: &str) -> &str {
    Url::split(url).map_or("", |url| url.target)
}

#[cfg(test)]
mod tests {
    use iothub_resource::{DeviceName, Md5Sum, ProductId, ResourceName, ResourceSize};

    use super::*;

    fn store(public_url: &str) -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(&folder.path().join("a/b"), public_url, 2, 10_000).unwrap();
        (folder, store)
    }

    fn issue(store: &Store, name: &'static str) -> String {
        let device = (ProductId::new("P").unwrap(), DeviceName::new("d:1").unwrap());
        let name = ResourceName::new(name).unwrap();
        let resource = Resource { size: ResourceSize::ZERO, name, md5sum: Md5Sum::of(b"") };
        store.issue_upload(device, resource).unwrap().as_str().to_owned()
    }

    #[test]
    fn only_the_exact_url_is_known() {
        for (public, prefix) in [("http://h", ""), ("http://h:1/p/", "/p")] {
            let (_folder, store) = store(public);
            let url = issue(&store, "../a b");
            let target = url.strip_prefix(public.trim_end_matches(prefix_of(prefix))).unwrap();
            assert!(matches!(store.find(target).0, Lookup::Ticket(_)), "{url}");
            let altered = target.split('?').next().unwrap();
            assert!(matches!(store.find(altered).0, Lookup::Altered(_)));
            assert!(matches!(store.find("/x/y?sign=z").0, Lookup::Nothing));
            assert!(url.len() < 820 && url.ends_with(|c: char| c.is_ascii_hexdigit()));
            issue(&store, "b");
            issue(&store, "c");
            assert!(matches!(store.find(target).0, Lookup::Nothing), "the oldest has made room");
        }
    }

    #[test]
    fn urls_have_the_length_that_was_set() {
        let (_folder, store) = store("http://h:1");
        for length in [820, 1_023] {
            store.shape_urls(UrlShape::Length(length));
            let url = issue(&store, "a");
            assert_eq!(url.len(), length);
            assert!(matches!(store.find(target_of(&url)).0, Lookup::Ticket(_)));
        }
    }

    #[test]
    fn the_form_of_urls_may_name_a_port() {
        for (public_url, shape, expected) in [
            ("http://h", UrlShape::Usual, false),
            ("http://h", UrlShape::Port, true),
            ("http://h:1", UrlShape::Usual, true),
        ] {
            let (_folder, store) = store(public_url);
            store.shape_urls(shape);
            assert_eq!(store.names_a_port(), expected, "{public_url}, {shape:?}");
        }
    }

    #[test]
    fn long_names_make_room_sooner() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(folder.path(), "http://h", 100, 12_000).unwrap();
        let short: Vec<_> = ["a", "b", "c", "d", "e"].map(|name| issue(&store, name)).into();
        let is_known = |url: &String| matches!(store.find(target_of(url)).0, Lookup::Ticket(_));
        assert!(short.iter().all(is_known));
        let long = issue(&store, Box::leak("x".repeat(10_000).into_boxed_str()));
        assert!(is_known(&long) && !is_known(&short[0]));
        assert!(store.tickets().bytes <= 12_000);
    }

    fn prefix_of(prefix: &'static str) -> &'static str {
        if prefix.is_empty() { "" } else { "/p/" }
    }

    #[test]
    fn faults_come_in_their_order_and_the_last_one_stays() {
        let (_folder, store) = store("http://h");
        let url = issue(&store, "a");
        let target = url.strip_prefix("http://h").unwrap();
        store.plan(
            &ResourceUrl::new(&*url).unwrap(),
            [ResponseFaults::status(503), ResponseFaults::default()],
        );
        assert_eq!(store.find(target).1, ResponseFaults::status(503));
        for _ in 0..2 {
            assert_eq!(store.find(target).1, ResponseFaults::default());
        }
    }

    #[test]
    fn no_name_leaves_the_folder() {
        let (folder, store) = store("http://h");
        let device = (ProductId::new("P").unwrap(), DeviceName::new("d:1").unwrap());
        for name in ["..", ".", "/etc/passwd", "..\\..\\x", "a/../../b", "CON", "x\u{202e}"] {
            let path = store.path_of(&device, name);
            assert_eq!(path.parent(), Some(&*folder.path().join("a/b/P/d%3A1")), "{name}");
        }
    }
}
