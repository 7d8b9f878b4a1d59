//! One JSON object of a line, scanned once: what the shapes of objects ask for their keys.

use super::journal_json::unframed;
use super::json::{End, Members, RawValue};
use smallvec::SmallVec;

/// Members of an object that take no allocation; how many there are more of is bounded by the longest line.
const MEMBERS_HELD: usize = 64;

/// The members of one object, scanned once.
pub(super) struct ObjectView<'a> {
    members: SmallVec<[(&'a [u8], RawValue<'a>); MEMBERS_HELD]>,
    /// Whether the scan met something that is no JSON.
    pub malformed: bool,
}

impl<'a> ObjectView<'a> {
    /// A view of nothing yet. Two steps, since moving a view costs more than scanning most objects.
    #[inline]
    pub fn empty() -> Self {
        ObjectView {
            members: SmallVec::new(),
            malformed: false,
        }
    }

    /// Scans a line that holds an object and nothing behind it but a separator or further objects.
    ///
    /// An object that is cut off or goes wrong midway gives the members before; `None` without any.
    pub fn scan(&mut self, line: &'a [u8]) -> Option<&Self> {
        let mut members = Members::of(unframed(line))?;
        self.members.extend(members.by_ref());
        self.malformed = members.end() == Some(End::Malformed);
        let is_whole_line = match members.rest().trim_ascii_start() {
            [] | [b',' | b']' | b'{', ..] => true,
            _ => self.malformed,
        };
        (!self.members.is_empty() && is_whole_line).then_some(self)
    }

    /// The members in the order of the text.
    pub fn members(&self) -> &[(&'a [u8], RawValue<'a>)] {
        &self.members
    }

    /// The values under a key: more than one where it is repeated.
    pub fn values(&self, key: &str) -> impl Iterator<Item = RawValue<'a>> {
        let named = move |member: &&(&[u8], RawValue<'a>)| member.0 == key.as_bytes();
        self.members().iter().filter(named).map(|&(_, value)| value)
    }

    /// Whether the key is there with a value that is not null.
    pub fn has(&self, key: &str) -> bool {
        self.values(key).any(|value| value != RawValue::Null)
    }

    /// The values under the key `inner` of the object under `outer`, or under `outer.inner`.
    pub fn values_within(&self, outer: &str, inner: &str) -> impl Iterator<Item = RawValue<'a>> {
        let nested = self.values(outer).filter_map(RawValue::members).flatten();
        let flat = move |key: &[u8]| {
            let rest = key.strip_prefix(outer.as_bytes());
            rest.and_then(|rest| rest.strip_prefix(b".")) == Some(inner.as_bytes())
        };
        let flat = self
            .members()
            .iter()
            .filter(move |(key, _)| flat(key))
            .copied();
        nested
            .filter(move |(key, _)| *key == inner.as_bytes())
            .chain(flat)
            .map(|(_, value)| value)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_object_must_be_all_of_the_line() {
        for line in [
            r#"{"a":1}"#,
            r#" {"a":1}, "#,
            r#"{"a":1}{"a":2}"#,
            "\u{1e}{\"a\":1}",
            r#"{"a":1,"b"#,
        ] {
            let mut view = ObjectView::empty();
            assert_eq!(
                view.scan(line.as_bytes()).unwrap().members().len(),
                1,
                "{line}"
            );
        }
        for line in [
            "{}",
            "{",
            "[1]",
            "text",
            "{not json}",
            r#"{"a":1} is what came back"#,
        ] {
            assert!(
                ObjectView::empty().scan(line.as_bytes()).is_none(),
                "{line}"
            );
        }
    }

    #[test]
    fn nested_and_dotted_keys_are_the_same() {
        for line in [
            r#"{"metadata":{"x":1,"site":"north"}}"#,
            r#"{"metadata.site":"north"}"#,
        ] {
            let mut view = ObjectView::empty();
            let view = view.scan(line.as_bytes()).unwrap();
            assert_eq!(
                view.values_within("metadata", "site").next(),
                Some(RawValue::Str(b"north"))
            );
            assert_eq!(view.values_within("metadata", "sit").next(), None);
        }
    }

    #[test]
    fn an_object_may_have_any_number_of_members() {
        let members: Vec<String> = (0..10 * MEMBERS_HELD)
            .map(|n| format!("\"k{n}\":{n}"))
            .collect();
        let line = format!("{{{}}}", members.join(","));
        let mut view = ObjectView::empty();
        let view = view.scan(line.as_bytes()).unwrap();
        assert_eq!(view.members().len(), members.len());
        assert!(view.has("k3") && view.has("k639") && !view.malformed);
    }
}
