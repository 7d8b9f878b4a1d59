//! A date and a time of day that are members of their own: `date=2024-05-01 time=10:00:00 tz="+0200"`.

use super::json::RawValue;
use super::{Context, header, stamp};
use crate::event::Timestamp;

/// What was met of them in an object.
#[derive(Debug, Default)]
pub(super) struct Apart<'a> {
    date: Option<&'a [u8]>,
    clock: Option<&'a [u8]>,
    zone: Option<&'a [u8]>,
}

impl<'a> Apart<'a> {
    /// Takes the value of a member of this name, if it is one of them.
    pub fn offer(&mut self, name: &[u8], value: RawValue<'a>) {
        let RawValue::Str(raw) = value else { return };
        match name {
            b"date" if header::is_date(raw) => self.date = Some(raw),
            b"time" if header::is_clock(raw) => self.clock = Some(raw),
            b"tz" | b"timezone" => self.zone = Some(raw),
            _ => {}
        }
    }

    /// The time that they are together; none where a zone is named that is not known.
    pub fn timestamp(&self, context: &Context) -> Option<Timestamp> {
        let stamp = [self.date?, self.clock?].join(&b' ');
        let dated = |text: &[u8]| stamp::parse_whole(text, context)?.timestamp;
        let Some(zone) = self.zone else {
            return dated(&stamp);
        };
        let zoned = |between: &[u8]| dated(&[&stamp[..], between, zone].concat());
        zoned(b" ").or_else(|| zoned(b""))
    }
}

#[cfg(test)]
mod tests {
    use super::super::object_fields::ObjectFields;
    use super::*;
    use crate::format::json::Members;
    use crate::format::test_context;

    fn timestamp(line: &str) -> Option<Timestamp> {
        let members = Members::of(line.as_bytes())?;
        ObjectFields::of(members, &test_context()).timestamp
    }

    #[test]
    fn a_date_and_a_time_of_day_may_be_apart() {
        for (line, hour) in [
            (r#"{"date":"2024-05-01","time":"10:00:00"}"#, 10),
            (r#"{"tz":"+0200","time":"10:00:00","date":"2024-05-01"}"#, 8),
            (
                r#"{"date":"2024-05-01","time":"10:00:00.000","timezone":"UTC"}"#,
                10,
            ),
            (r#"{"date":"2024-05-01","time":"10:00:00","tz":"+02"}"#, 8),
            (
                r#"{"date":"2024-05-01","time":"10:00:00","starttime":"09:00:00"}"#,
                10,
            ),
        ] {
            let midnight = 1_714_521_600;
            let expected = Timestamp::from_seconds(midnight + hour * 3600);
            assert_eq!(timestamp(line), Some(expected), "{line}");
        }
        for line in [
            r#"{"date":"2024-05-01"}"#,
            r#"{"time":"10:00:00"}"#,
            r#"{"created":"2024-05-01","time":"10:00:00"}"#,
            r#"{"date":"2024-05-01","time":"10:00:00","timezone":"Earth"}"#,
            r#"{"date":"2024-05-01","time":"25 min"}"#,
            r#"{"date":"2024-13-01","time":"10:00:00"}"#,
        ] {
            assert_eq!(timestamp(line), None, "{line}");
        }
    }
}
