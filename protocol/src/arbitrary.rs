//! Implementations of `arbitrary::Arbitrary` that create only valid values (feature `arbitrary`).

use alloc::{borrow::Cow, string::String};

use arbitrary::{Arbitrary, Error, Result, Unstructured};

use crate::{
    ContentMd5, DeviceName, Direction, Md5Sum, Message, MessageType, Percent, ProductId, Profile,
    Progress, ProgressReport, ProgressResponse, Resource, ResourceName, ResourceSize, ResourceTask,
    ResourceUrl, ResultCode, State, Topic, Transfer,
};

macro_rules! arbitrary {
    ($($type:ty: |$source:ident| $value:expr;)*) => {$(
        impl<'a> Arbitrary<'a> for $type {
            fn arbitrary($source: &mut Unstructured<'a>) -> Result<Self> {
                Ok($value)
            }
        }
    )*};
}

arbitrary! {
    Direction: |source| *source.choose(&Self::ALL)?;
    Profile: |source| *source.choose(&Self::ALL)?;
    Transfer: |source| *source.choose(&[Self::Upload, Self::Download])?;
    MessageType: |source| *source.choose(Self::ALL)?;
    Topic: |source| Self::new(source.arbitrary()?, source.arbitrary()?, source.arbitrary()?);
    ProductId: |source| valid(Self::new(&level(source, LETTERS_AND_DIGITS, 10)?))?;
    DeviceName: |source| valid(Self::new(&level(source, OF_DEVICE_NAMES, 48)?))?;
    Md5Sum: |source| Self::from_bytes(source.arbitrary()?);
    ContentMd5: |source| Self::from_bytes(source.arbitrary()?);
    ResourceSize: |source| valid(Self::new(source.int_in_range(0..=Self::MAX.bytes())?))?;
    Percent: |source| valid(Self::new(source.int_in_range(0..=100)?))?;
    ResultCode: |source| Self(match source.arbitrary::<bool>()? {
        true => source.int_in_range(-4..=0)?,
        false => source.arbitrary()?,
    });
    State: |source| match source.int_in_range(0..=3_u8)? {
        0 => Self::Done(source.arbitrary()?),
        1 => Self::Fail(source.arbitrary()?),
        _ => Self::Running(source.arbitrary()?),
    };
    ResourceName<'a>: |source| {
        let text: &str = source.arbitrary()?;
        if text.is_empty() || text.contains(|c: char| c.is_ascii_control()) {
            let plain: String = text.chars().filter(|c| !c.is_ascii_control()).collect();
            valid(Self::new(if plain.is_empty() { "a".into() } else { plain }))?
        } else {
            valid(Self::new(text))?
        }
    };
    ResourceUrl<'a>: |source| {
        let scheme = *source.choose(&["http://", "https://", "HTTP://", "hTTps://"])?;
        let host = level(source, OF_HOSTS, 32)?;
        let rest: &[u8] = source.arbitrary()?;
        let mut url = String::from(scheme);
        url.push_str(&host);
        // Each of these characters ends the host.
        if !rest.is_empty() {
            url.push(*source.choose(&['/', '?', '#'])?);
        }
        url.extend(rest.iter().map(|byte| char::from(b'!'.saturating_add(byte % 94))));
        valid(Self::new(url))?
    };
    Resource<'a>: |source| {
        Resource { size: source.arbitrary()?, name: source.arbitrary()?, md5sum: source.arbitrary()? }
    };
    ResourceTask<'a>: |source| Self::new(source.arbitrary()?, source.arbitrary()?);
    Progress<'a>: |source| Progress {
        state: source.arbitrary()?,
        result_code: source.arbitrary()?,
        result_msg: text(source)?,
    };
    ProgressReport<'a>: |source| {
        ProgressReport { name: source.arbitrary()?, progress: source.arbitrary()? }
    };
    ProgressResponse<'a>: |source| {
        ProgressResponse { result_code: source.arbitrary()?, result_msg: text(source)? }
    };
    Message<'a>: |source| match source.arbitrary()? {
        MessageType::CreateUploadTask => Self::CreateUploadTask(source.arbitrary()?),
        MessageType::CreateUploadTaskRsp => Self::CreateUploadTaskRsp(source.arbitrary()?),
        MessageType::ReportUploadProgress => Self::ReportUploadProgress(source.arbitrary()?),
        MessageType::ReportUploadProgressRsp => Self::ReportUploadProgressRsp(source.arbitrary()?),
        MessageType::GetDownloadTask => Self::GetDownloadTask,
        MessageType::GetDownloadTaskRsp => Self::GetDownloadTaskRsp(source.arbitrary()?),
        MessageType::ReportDownloadProgress => Self::ReportDownloadProgress(source.arbitrary()?),
        MessageType::ReportDownloadProgressRsp => {
            Self::ReportDownloadProgressRsp(source.arbitrary()?)
        }
        MessageType::Download => Self::Download(source.arbitrary()?),
    };
}

const LETTERS_AND_DIGITS: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const OF_DEVICE_NAMES: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:_-";
const OF_HOSTS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789.-";

/// Returns a text of 1 to `longest` characters from `of`.
fn level(source: &mut Unstructured<'_>, of: &[u8], longest: usize) -> Result<String> {
    let length = source.int_in_range(1..=longest)?;
    (0..length).map(|_| Ok(char::from(*source.choose(of)?))).collect()
}

fn text<'a>(source: &mut Unstructured<'a>) -> Result<Cow<'a, str>> {
    Ok(Cow::Borrowed(source.arbitrary()?))
}

/// Returns the value from the result of a constructor, or an error if the constructor rejected its
/// input. This module passes only valid input to the constructors.
fn valid<T, E>(value: core::result::Result<T, E>) -> Result<T> {
    value.map_err(|_| Error::IncorrectFormat)
}
