//! Messages of every type, with short, long and unusual values.

use std::borrow::Cow;

use iothub_oracles::message::in_profile;
use iothub_resource::{
    Md5Sum, Message, Percent, Profile, Progress, ProgressReport, ProgressResponse, Resource,
    ResourceName, ResourceSize, ResourceTask, ResourceUrl, ResultCode, State,
};
use proptest::prelude::*;

fn size() -> impl Strategy<Value = ResourceSize> {
    let size =
        prop_oneof![0..10_u64, 0..=ResourceSize::MAX.bytes(), Just(ResourceSize::MAX.bytes())];
    size.prop_map(|bytes| ResourceSize::new(bytes).unwrap())
}

fn name() -> impl Strategy<Value = ResourceName<'static>> {
    prop_oneof!["[a-z/\\\\.\" ]{1,8}", "\\PC{1,80}"]
        .prop_filter_map("VAL-2", |name| ResourceName::new(name).ok())
}

fn url() -> impl Strategy<Value = ResourceUrl<'static>> {
    "(http|https|HTTP|hTTps)://[!-~]{1,30}([/?#][!-~]{0,1100})?"
        .prop_filter_map("VAL-4", |url| ResourceUrl::new(url).ok())
}

fn resource() -> impl Strategy<Value = Resource<'static>> {
    (size(), name(), any::<[u8; 16]>()).prop_map(|(size, name, md5sum)| Resource {
        size,
        name,
        md5sum: Md5Sum::from_bytes(md5sum),
    })
}

fn response() -> impl Strategy<Value = ProgressResponse<'static>> {
    let code = prop_oneof![-5..2_i32, any::<i32>()];
    let text =
        prop_oneof![".{0,10}", "[\\x00-\\x1f\"\\\\/\u{7f}\u{2028}🦀]{0,10}", "x{16300,16400}"];
    (code, text).prop_map(|(code, text)| ProgressResponse {
        result_code: ResultCode(code),
        result_msg: Cow::Owned(text),
    })
}

fn state() -> impl Strategy<Value = State> {
    let percent = (0..=100_u8).prop_map(|percent| Percent::new(percent).unwrap());
    let maybe = prop::option::of(percent.clone());
    prop_oneof![
        percent.prop_map(State::Running),
        maybe.clone().prop_map(State::Done),
        maybe.prop_map(State::Fail),
    ]
}

fn message() -> impl Strategy<Value = Message<'static>> {
    let task = || (resource(), url()).prop_map(|(resource, url)| ResourceTask::new(resource, url));
    let report = || {
        (name(), state(), response()).prop_map(|(name, state, response)| {
            let ProgressResponse { result_code, result_msg } = response;
            ProgressReport { name, progress: Progress { state, result_code, result_msg } }
        })
    };
    prop_oneof![
        resource().prop_map(Message::CreateUploadTask),
        task().prop_map(Message::CreateUploadTaskRsp),
        report().prop_map(Message::ReportUploadProgress),
        response().prop_map(Message::ReportUploadProgressRsp),
        Just(Message::GetDownloadTask),
        task().prop_map(Message::GetDownloadTaskRsp),
        report().prop_map(Message::ReportDownloadProgress),
        response().prop_map(Message::ReportDownloadProgressRsp),
        task().prop_map(Message::Download),
    ]
}

proptest! {
    #[test]
    fn are_read_as_they_were_written(message in message()) {
        Profile::ALL.into_iter().for_each(|profile| in_profile(profile, &message));
    }
}
