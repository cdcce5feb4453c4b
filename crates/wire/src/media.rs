//! Data URLs. Source: RFC 2397.

use crate::Media;

/// Reads an address that may be a data URL. Only base64 data URLs carry media here; any other
/// address is left for the provider to fetch.
pub(crate) fn media_of_url(url: String) -> Media {
    match parse_data_url(&url) {
        Some((media_type, data)) => Media::Base64 {
            media_type: media_type.to_owned(),
            data: data.to_owned(),
        },
        None => Media::Url(url),
    }
}

/// The media type (without parameters) and the base64 text of a data URL.
pub(crate) fn parse_data_url(url: &str) -> Option<(&str, &str)> {
    let (head, data) = url.strip_prefix("data:")?.split_once(',')?;
    let head = head.strip_suffix(";base64")?;
    let media_type = head.split(';').next().unwrap_or_default();
    Some((
        if media_type.is_empty() {
            "text/plain"
        } else {
            media_type
        },
        data,
    ))
}

/// Writes a data URL.
pub(crate) fn data_url(media_type: &str, data: &str) -> String {
    format!("data:{media_type};base64,{data}")
}

/// Base64 in the standard alphabet, padded. Google reads the URL-safe one and missing padding too, and
/// its client for Python writes it; the others want the standard. Anything else is left as it is.
pub(crate) fn standard_base64(mut data: String) -> String {
    if data.contains(['-', '_']) {
        data = data.replace('-', "+").replace('_', "/");
    }
    let missing = data.len().next_multiple_of(4) - data.len();
    data.extend(std::iter::repeat_n('=', missing));
    data
}

/// The media type that an address's extension suggests.
pub(crate) fn media_type_of_path(url: &str) -> Option<&'static str> {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let extension = path.rsplit('.').next()?.to_ascii_lowercase();
    Some(match extension.as_str() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "heic" => "image/heic",
        "pdf" => "application/pdf",
        "mp3" => "audio/mpeg",
        "wav" => "audio/wav",
        "mp4" => "video/mp4",
        "txt" => "text/plain",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{media_of_url, parse_data_url, standard_base64};
    use crate::Media;

    #[test]
    fn a_data_url_is_cut_into_type_and_data() {
        assert_eq!(
            parse_data_url("data:image/png;base64,AAAA"),
            Some(("image/png", "AAAA"))
        );
        assert_eq!(
            parse_data_url("data:image/png;name=a;base64,AA"),
            Some(("image/png", "AA"))
        );
        assert_eq!(parse_data_url("data:text/plain,hello"), None);
    }

    #[test]
    fn any_other_address_is_left_alone() {
        let url = "https://example.com/a.png".to_owned();
        assert_eq!(media_of_url(url.clone()), Media::Url(url));
    }

    #[test]
    fn base64_is_written_in_the_standard_alphabet() {
        for (written, standard) in [
            ("+/+/AA==", "+/+/AA=="),
            ("-_-_AA==", "+/+/AA=="),
            ("-_-_AA", "+/+/AA=="),
            ("", ""),
        ] {
            assert_eq!(standard_base64(written.to_owned()), standard);
        }
    }
}
