//! Strategies that create only valid values (feature `proptest`). Every value shrinks towards the
//! simplest value of its type.

use alloc::{borrow::Cow, boxed::Box, string::String};

use proptest::{
    arbitrary::Arbitrary,
    char::range,
    collection::vec,
    option,
    prelude::{BoxedStrategy, Just, Strategy, any},
    prop_oneof,
    sample::select,
};

use crate::{
    ContentMd5, DeviceName, Direction, Md5Sum, Message, MessageType, Percent, ProductId, Profile,
    Progress, ProgressReport, ProgressResponse, Resource, ResourceName, ResourceSize, ResourceTask,
    ResourceUrl, ResultCode, State, Topic, Transfer,
};

/// Implements `Arbitrary` for types whose strategy has no parameters.
macro_rules! arbitrary {
    ($($type:ty: $strategy:expr;)*) => {$(
        impl Arbitrary for $type {
            type Parameters = ();
            type Strategy = BoxedStrategy<Self>;

            fn arbitrary_with((): ()) -> Self::Strategy {
                Box::new($strategy).boxed()
            }
        }
    )*};
}

arbitrary! {
    Direction: select(&Self::ALL[..]);
    Profile: select(&Self::ALL[..]);
    Transfer: select(&[Self::Upload, Self::Download][..]);
    MessageType: select(Self::ALL);
    ProductId: text(&LETTERS, 1..=10).prop_filter_map(VALID, |id| Self::new(&id).ok());
    DeviceName: text(&OF_DEVICE_NAMES, 1..=48).prop_filter_map(VALID, |name| Self::new(&name).ok());
    Topic: any::<(Direction, ProductId, DeviceName)>()
        .prop_map(|(direction, product_id, device_name)| {
            Self::new(direction, product_id, device_name)
        });
    Md5Sum: any::<[u8; 16]>().prop_map(Self::from_bytes);
    ContentMd5: any::<[u8; 16]>().prop_map(Self::from_bytes);
    ResourceSize: prop_oneof![0..=100_000_u64, 0..=Self::MAX.bytes()]
        .prop_filter_map(VALID, |bytes| Self::new(bytes).ok());
    Percent: (0..=100_u8).prop_filter_map(VALID, |percent| Self::new(percent).ok());
    ResultCode: prop_oneof![-4..=0_i32, any::<i32>()].prop_map(Self);
    State: prop_oneof![
        any::<Percent>().prop_map(Self::Running),
        option::of(any::<Percent>()).prop_map(Self::Done),
        option::of(any::<Percent>()).prop_map(Self::Fail),
    ];
    ResourceName<'static>: prop_oneof![
        text(&OF_DEVICE_NAMES, 1..=20),
        vec(any::<char>(), 1..100).prop_map(String::from_iter),
    ]
    .prop_filter_map("a name has no control character", |name| Self::new(name).ok());
    ResourceUrl<'static>: (
        select(&["https://", "http://", "HTTPS://", "hTTp://"][..]),
        text(&OF_HOSTS, 1..=30),
        option::of((select(&['/', '?', '#'][..]), text(&[('!', '~')], 0..=400))),
    )
        .prop_filter_map(VALID, |(scheme, host, rest)| {
            let mut url = String::from(scheme);
            url.push_str(&host);
            if let Some((mark, rest)) = rest {
                url.push(mark);
                url.push_str(&rest);
            }
            Self::new(url).ok()
        });
    Resource<'static>: any::<(ResourceSize, ResourceName<'static>, Md5Sum)>()
        .prop_map(|(size, name, md5sum)| Self { size, name, md5sum });
    ResourceTask<'static>: any::<(Resource<'static>, ResourceUrl<'static>)>()
        .prop_map(|(resource, url)| Self::new(resource, url));
    Progress<'static>: (any::<(State, ResultCode)>(), any_text())
        .prop_map(|((state, result_code), result_msg)| Self { state, result_code, result_msg });
    ProgressReport<'static>: any::<(ResourceName<'static>, Progress<'static>)>()
        .prop_map(|(name, progress)| Self { name, progress });
    ProgressResponse<'static>: (any::<ResultCode>(), any_text())
        .prop_map(|(result_code, result_msg)| Self { result_code, result_msg });
}

/// Creates messages of a profile. The parameter is the profile, `Profile::Deployed` by default.
impl Arbitrary for Message<'static> {
    type Parameters = Option<Profile>;
    type Strategy = BoxedStrategy<Self>;

    fn arbitrary_with(profile: Option<Profile>) -> Self::Strategy {
        let profile = profile.unwrap_or(Profile::Deployed);
        let resource = any::<Resource<'static>>;
        let task = any::<ResourceTask<'static>>;
        let report = any::<ProgressReport<'static>>;
        let response = any::<ProgressResponse<'static>>;
        prop_oneof![
            Just(Self::GetDownloadTask),
            resource().prop_map(Self::CreateUploadTask),
            task().prop_map(Self::CreateUploadTaskRsp),
            report().prop_map(Self::ReportUploadProgress),
            response().prop_map(Self::ReportUploadProgressRsp),
            task().prop_map(Self::GetDownloadTaskRsp),
            report().prop_map(Self::ReportDownloadProgress),
            response().prop_map(Self::ReportDownloadProgressRsp),
            task().prop_map(Self::Download),
        ]
        .prop_filter("a message of the profile", move |message| message.check(profile).is_ok())
        .boxed()
    }
}

const VALID: &str = "what is made here is valid";

const LETTERS: [(char, char); 3] = [('a', 'z'), ('A', 'Z'), ('0', '9')];
const OF_DEVICE_NAMES: [(char, char); 6] =
    [('a', 'z'), ('A', 'Z'), ('0', '9'), (':', ':'), ('_', '_'), ('-', '-')];
const OF_HOSTS: [(char, char); 4] = [('a', 'z'), ('0', '9'), ('.', '.'), ('-', '-')];

/// Returns a strategy for texts of `length` characters, all of them in the ranges of `of`.
fn text(of: &[(char, char)], length: core::ops::RangeInclusive<usize>) -> BoxedStrategy<String> {
    let ranges: alloc::vec::Vec<_> =
        of.iter().map(|(first, last)| range(*first, *last).boxed()).collect();
    let character = proptest::strategy::Union::new(ranges);
    vec(character, length).prop_map(String::from_iter).boxed()
}

fn any_text() -> impl Strategy<Value = Cow<'static, str>> {
    vec(any::<char>(), 0..60).prop_map(|text| Cow::Owned(String::from_iter(text)))
}
