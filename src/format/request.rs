//! Whether a JSON object tells of a request on which the server failed.
//!
//! Web servers, proxies and frameworks name things differently: `status` and `request_uri`, `statusCode` within
//! `res` and `method` within `req`, `httpRequest`. A status of 500 or above counts only beside something that
//! names a request.

use super::access::is_server_error_status;
use super::json::RawValue;
use super::object_fields::Name;

/// Levels of objects that are looked into.
const DEPTH_MAX: usize = 3;

/// Whether the members are of such an object. Beside a message of the object's own, that it has a path or a method
/// does not make it an account of a request.
pub(super) fn failed(members: &[(&[u8], RawValue<'_>)], has_message: bool) -> bool {
    let members = || members.iter().copied();
    let names_request = |key: &[u8], _: RawValue<'_>, _| {
        is_named(key, |name| {
            is_request(name) || !has_message && is_part_of_request(name)
        })
    };
    // Nearly no object has such a status.
    any(members(), 1, &states_failure) && any(members(), 1, &names_request)
}

/// Whether a member is what is asked for, at its depth, or one of an account within.
fn any<'a>(
    mut members: impl Iterator<Item = (&'a [u8], RawValue<'a>)>,
    depth: usize,
    is_it: &impl Fn(&[u8], RawValue<'_>, usize) -> bool,
) -> bool {
    members.any(|(key, value)| {
        is_it(key, value, depth)
            || depth < DEPTH_MAX
                && matches!(value, RawValue::Object(_))
                && is_named(key, is_account)
                && value
                    .members()
                    .is_some_and(|within| any(within, depth + 1, is_it))
    })
}

fn states_failure(key: &[u8], value: RawValue<'_>, depth: usize) -> bool {
    let (RawValue::Number(status) | RawValue::Str(status)) = value else {
        return false;
    };
    let is_code = |name: &[u8]| depth > 1 && name == b"code";
    is_server_error_status(status) && is_named(key, |name| is_status(name) || is_code(name))
}

fn is_named(key: &[u8], is_it: impl Fn(&[u8]) -> bool) -> bool {
    let name = Name::default().join(key);
    name.is_some_and(|name| is_it(name.as_bytes()))
}

/// Whether a member is what was asked for.
fn is_request(name: &[u8]) -> bool {
    matches!(
        name,
        b"request"
            | b"req"
            | b"httprequest"
            | b"requestmethod"
            | b"requesturi"
            | b"requesturl"
            | b"requestpath"
            | b"httpmethod"
    )
}

/// Whether a member may be a part of what was asked for.
fn is_part_of_request(name: &[u8]) -> bool {
    matches!(name, b"method" | b"verb" | b"uri" | b"url" | b"path")
}

/// Whether a member is the status of the answer.
fn is_status(name: &[u8]) -> bool {
    matches!(
        name,
        b"status"
            | b"statuscode"
            | b"httpstatus"
            | b"httpstatuscode"
            | b"responsestatus"
            | b"responsecode"
            | b"downstreamstatus"
    )
}

/// Whether an object is about the request or the answer.
fn is_account(name: &[u8]) -> bool {
    matches!(
        name,
        b"http" | b"httprequest" | b"request" | b"req" | b"response" | b"res" | b"responsestatus"
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::format::json::Members;

    fn is_told(line: &str) -> bool {
        let members: Vec<_> = Members::of(line.as_bytes()).unwrap().collect();
        failed(&members, line.contains("msg"))
    }

    #[test]
    fn a_status_of_the_servers_own_error_beside_a_request_is_a_failure() {
        for line in [
            r#"{"request":"GET /a HTTP/1.1","status":502}"#,
            r#"{"uri":"/a","status":"500","level":"info"}"#,
            r#"{"request":{"method":"GET","uri":"/a"},"status":502}"#,
            r#"{"req":{"method":"GET","url":"/a"},"res":{"statusCode":500}}"#,
            r#"{"http":{"request":{"method":"GET"},"response":{"status_code":503}}}"#,
            r#"{"httpRequest":{"requestMethod":"GET","requestUrl":"/a","status":504}}"#,
            r#"{"requestURI":"/a","verb":"get","responseStatus":{"code":500}}"#,
            r#"{"DownstreamStatus":502,"RequestPath":"/a"}"#,
            r#"{"req":{"method":"GET","url":"/a"},"res":{"statusCode":500},"msg":"done"}"#,
        ] {
            assert!(is_told(line), "{line}");
            let line = line.replace(":50", ":40").replace("\"50", "\"40");
            assert!(!is_told(&line), "{line}");
        }
        for line in [
            r#"{"valve":"7","status":502}"#,
            r#"{"path":"/a","bytes":502}"#,
            r#"{"path":"/a","valve":{"status":502}}"#,
            r#"{"path":"/a","res":[502]}"#,
            r#"{"path":"/a","code":502}"#,
            r#"{"path":"/var/spool","status":507,"msg":"files left"}"#,
            r#"{"url":"http://a","status":503,"msg":"retrying"}"#,
            "{}",
        ] {
            assert!(!is_told(line), "{line}");
        }
    }
}
