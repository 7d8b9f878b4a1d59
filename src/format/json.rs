//! A scanner over the text of JSON objects and arrays, as log lines carry them.
//!
//! It yields the members of one level and passes over what they nest, in one linear pass that
//! allocates nothing; strings are unescaped only when asked for. It is tolerant where loggers are
//! sloppy (`NaN`, a trailing comma, raw control characters, an object that was cut off), and it
//! deliberately is no validator: what lies inside a value that nobody asks for is never judged.
//! Nesting costs a counter and nothing else, so its depth has no limit.

use super::json_escapes::unescape;
use super::json_strings::Marks;
use crate::event::Text;

/// A value as it stands in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RawValue<'a> {
    /// What stands between the quotes, escapes and all.
    Str(&'a [u8]),
    /// The digits, sign, point and exponent.
    Number(&'a [u8]),
    /// The word, `true` or `false`. Every variant holds text or nothing, which keeps moves cheap.
    Bool(&'a [u8]),
    /// `null`, and words that are no JSON, such as `NaN`.
    Null,
    /// An object with its braces; the closing one is missing when the text was cut off.
    Object(&'a [u8]),
    /// An array with its brackets; the closing one is missing when the text was cut off.
    Array(&'a [u8]),
}

impl<'a> RawValue<'a> {
    /// The text of a string, unescaped; `None` for other types.
    pub fn text(self) -> Option<Text<'a>> {
        match self {
            RawValue::Str(raw) => Some(unescape(raw)),
            _ => None,
        }
    }

    /// The members of an object; `None` for other types.
    pub fn members(self) -> Option<Members<'a>> {
        match self {
            RawValue::Object(text) => Members::of(text),
            _ => None,
        }
    }

    /// The elements of an array; `None` for other types.
    pub fn elements(self) -> Option<Elements<'a>> {
        match self {
            RawValue::Array(text) => Elements::of(text),
            _ => None,
        }
    }
}

/// How an object or array ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// With its closing bracket.
    Closed,
    /// The text ended first; what was readable has been yielded, the last string perhaps in part.
    CutOff,
    /// At something that is no JSON.
    Malformed,
}

/// A place inside an object or array, and what may be read there.
#[derive(Debug, Clone)]
struct Cursor<'a> {
    text: &'a [u8],
    marks: Marks<'a>,
    at: usize,
    /// Whether no item has been read yet.
    first: bool,
    /// Why nothing more can be read.
    end: Option<End>,
}

impl<'a> Cursor<'a> {
    /// Begins behind the bracket `open`, if that is what the text starts with.
    fn begin(text: &'a [u8], open: u8) -> Option<Self> {
        let mut cursor = Cursor {
            text,
            marks: Marks::of(text),
            at: 0,
            first: true,
            end: None,
        };
        let is_open = cursor.peek()? == open;
        cursor.at += 1;
        is_open.then_some(cursor)
    }

    /// Notes why nothing more can be read.
    fn stop<T>(&mut self, end: End) -> Option<T> {
        self.end = Some(end);
        None
    }

    /// The next byte that is not blank.
    #[inline]
    fn peek(&mut self) -> Option<u8> {
        while let Some(&byte) = self.text.get(self.at) {
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Some(byte);
            }
            self.at += 1;
        }
        self.stop(End::CutOff)
    }

    /// Goes to the next item and tells its first byte. A comma before the closing bracket is let through.
    #[inline]
    fn next_item(&mut self, close: u8) -> Option<u8> {
        if self.end.is_some() {
            return None;
        }
        let mut byte = self.peek()?;
        if byte == b',' && !self.first {
            self.at += 1;
            byte = self.peek()?;
        } else if byte != close && !self.first {
            return self.stop(End::Malformed);
        }
        self.first = false;
        if byte == close {
            self.at += 1;
            return self.stop(End::Closed);
        }
        Some(byte)
    }

    /// The inside of the string whose opening quote is at the cursor.
    #[inline(always)]
    fn string(&mut self) -> &'a [u8] {
        let start = self.at + 1;
        let mut at = start;
        while let Some(mark) = self.marks.next(at) {
            if self.text[mark] == b'"' {
                self.at = mark + 1;
                return &self.text[start..mark];
            }
            at = mark + 2;
        }
        self.at = self.text.len();
        self.end = Some(End::CutOff);
        &self.text[start..]
    }

    /// Passes over the colon behind a key.
    #[inline]
    fn colon(&mut self) -> Option<()> {
        if self.end.is_some() {
            return None;
        }
        if self.peek()? != b':' {
            return self.stop(End::Malformed);
        }
        self.at += 1;
        Some(())
    }

    #[inline(always)]
    fn value(&mut self) -> Option<RawValue<'a>> {
        match self.peek()? {
            b'"' => Some(RawValue::Str(self.string())),
            b'{' => Some(RawValue::Object(self.nested())),
            b'[' => Some(RawValue::Array(self.nested())),
            _ => self.bare(),
        }
    }

    /// A value without quotes or brackets: everything up to a separator.
    #[inline(never)]
    fn bare(&mut self) -> Option<RawValue<'a>> {
        let rest = &self.text[self.at..];
        let is_byte =
            |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
        let length = rest.iter().position(|byte| !is_byte(byte));
        let token = &rest[..length.unwrap_or(rest.len())];
        self.at += token.len();
        Some(match token {
            [] => return self.stop(End::Malformed),
            [b'0'..=b'9', ..] | [b'-', b'0'..=b'9', ..] => RawValue::Number(token),
            b"true" | b"false" => RawValue::Bool(token),
            _ => RawValue::Null,
        })
    }

    /// Passes over the object or array at the cursor; brackets are counted, not matched in kind.
    #[inline(never)]
    fn nested(&mut self) -> &'a [u8] {
        let start = self.at;
        let mut depth = 0usize;
        while let Some(&byte) = self.text.get(self.at) {
            match byte {
                b'"' => {
                    self.string();
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                break;
            }
        }
        &self.text[start..self.at]
    }
}

/// The members of one object in the order of the text: keys as they stand, and values.
#[derive(Debug, Clone)]
pub struct Members<'a>(Cursor<'a>);

impl<'a> Members<'a> {
    /// Begins at the object that `text` starts with, blanks aside; `None` when it starts with none.
    pub fn of(text: &'a [u8]) -> Option<Self> {
        Cursor::begin(text, b'{').map(Members)
    }

    /// The next member if it is written without blanks and its value is a string, as journalctl
    /// writes nearly all; `None`, and nothing read, where [`Members::next`] is to be asked.
    ///
    /// It gives what that would, the inside of the string, without making a value of it.
    #[inline(always)]
    pub fn next_plain(&mut self) -> Option<(&'a [u8], &'a [u8])> {
        let cursor = &mut self.0;
        let text = cursor.text;
        let at = cursor.at + usize::from(!cursor.first);
        let is_next = cursor.first || text.get(cursor.at) == Some(&b',');
        if cursor.end.is_some() || !is_next || text.get(at) != Some(&b'"') {
            return None;
        }
        let key_end = cursor.marks.next(at + 1)?;
        if text[key_end] != b'"' || text.get(key_end + 1..key_end + 3) != Some(b":\"") {
            return None;
        }
        cursor.first = false;
        cursor.at = key_end + 2;
        Some((&text[at + 1..key_end], cursor.string()))
    }

    /// How the object ended; it may be told together with the last member.
    pub fn end(&self) -> Option<End> {
        self.0.end
    }

    /// The text behind what has been read.
    pub fn rest(&self) -> &'a [u8] {
        &self.0.text[self.0.at..]
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = (&'a [u8], RawValue<'a>);

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        if self.0.next_item(b'}')? != b'"' {
            return self.0.stop(End::Malformed);
        }
        let key = self.0.string();
        self.0.colon()?;
        Some((key, self.0.value()?))
    }
}

/// The elements of one array, in order.
#[derive(Debug, Clone)]
pub struct Elements<'a>(Cursor<'a>);

impl<'a> Elements<'a> {
    /// Begins at the array that `text` starts with, blanks aside; `None` when it starts with none.
    pub fn of(text: &'a [u8]) -> Option<Self> {
        Cursor::begin(text, b'[').map(Elements)
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = RawValue<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next_item(b']')?;
        self.0.value()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    fn read(text: &[u8]) -> (Vec<(&[u8], RawValue<'_>)>, Option<End>) {
        let mut members = Members::of(text).unwrap();
        let all = members.by_ref().collect();
        (all, members.end())
    }

    #[test]
    fn members_of_every_type_are_told_in_order_and_nested_ones_as_a_whole() {
        let text = br#" { "a" : "x\"y" ,"b":-1.5e3,"c":true,"d":null,"e":{"f":["}"]},"g":[1,{}], "h":NaN,} tail"#;
        let (all, end) = read(text);
        let values: Vec<_> = all.into_iter().map(|(_, value)| value).collect();
        assert_eq!(end, Some(End::Closed));
        assert_eq!(
            values,
            [
                RawValue::Str(br#"x\"y"#),
                RawValue::Number(b"-1.5e3"),
                RawValue::Bool(b"true"),
                RawValue::Null,
                RawValue::Object(br#"{"f":["}"]}"#),
                RawValue::Array(b"[1,{}]"),
                RawValue::Null,
            ]
        );
    }

    #[test]
    fn a_cut_off_object_yields_what_was_readable() {
        let cases: [(&[u8], usize, End); 7] = [
            (br#"{"a":1,"b":"unfin"#, 2, End::CutOff),
            (br#"{"a":1,"b":"unfin\"#, 2, End::CutOff),
            (br#"{"a":1,"b":"#, 1, End::CutOff),
            (br#"{"a":1,"b"#, 1, End::CutOff),
            (br#"{"a":{"b":[1,"#, 1, End::CutOff),
            (br#"{"a":1 "b":2}"#, 1, End::Malformed),
            (br#"{not json}"#, 0, End::Malformed),
        ];
        for (text, count, expected) in cases {
            let (all, end) = read(text);
            assert_eq!(
                (all.len(), end),
                (count, Some(expected)),
                "{}",
                text.escape_ascii()
            );
        }
    }

    proptest! {
        #[test]
        fn plain_members_are_what_the_full_way_gives(
            text in r#"\{("(A|B\\"|_C)" {0,1}: {0,1}("(x|\\"|\\\\|,|\}){0,70}"|7|null|\["a",1\]|\{"A":"b"\}){0,1},{0,1}){0,5}\}{0,1}"#,
            cut in 0usize..200,
        ) {
            let text = &text.as_bytes()[..text.len().min(cut + 1)];
            let mut members = Members::of(text).unwrap();
            let mut all = Vec::new();
            loop {
                if let Some((key, inside)) = members.next_plain() {
                    all.push((key, RawValue::Str(inside)));
                } else if let Some(member) = members.next() {
                    all.push(member);
                } else {
                    break;
                }
            }
            prop_assert_eq!((all, members.end()), read(text));
        }
    }

    #[test]
    fn nesting_of_any_depth_is_passed_over() {
        let mut text = br#"{"deep":"#.to_vec();
        text.resize(text.len() + 100_000, b'[');
        let (all, end) = read(&text);
        assert_eq!((all.len(), end), (1, Some(End::CutOff)));
        text.resize(text.len() + 100_000, b']');
        text.extend_from_slice(br#","msg":"found"}"#);
        let (all, end) = read(&text);
        assert_eq!((all.len(), end), (2, Some(End::Closed)));
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 5, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                proptest::collection::hash_map(any::<String>(), inner, 0..5)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    /// Builds the value again out of what the scanner says.
    fn rebuilt(value: RawValue<'_>) -> Value {
        let string = |raw| String::from_utf8(unescape(raw).into_owned()).unwrap();
        match value {
            RawValue::Str(raw) => Value::from(string(raw)),
            RawValue::Number(digits) => serde_json::from_slice(digits).unwrap(),
            RawValue::Bool(word) => Value::from(word == b"true"),
            RawValue::Null => Value::Null,
            RawValue::Object(_) => {
                let members = value.members().unwrap();
                Value::Object(
                    members
                        .map(|(key, value)| (string(key), rebuilt(value)))
                        .collect(),
                )
            }
            RawValue::Array(_) => value.elements().unwrap().map(rebuilt).collect(),
        }
    }

    proptest! {
        #[test]
        fn generated_values_are_read_as_serde_json_reads_them(value in value(), pretty: bool) {
            let value = serde_json::json!({ "value": value });
            let text = if pretty { serde_json::to_vec_pretty(&value) } else { serde_json::to_vec(&value) };
            prop_assert_eq!(rebuilt(RawValue::Object(&text.unwrap())), value);
        }

        #[test]
        fn broken_objects_never_panic_and_always_end(value in value(), cut in 0usize..400, at in 0usize..400, byte: u8) {
            let mut text = serde_json::to_vec(&serde_json::json!({ "value": value, "more": 1 })).unwrap();
            text.truncate(cut.max(1));
            if let Some(place) = text.get_mut(at) { *place = byte; }
            if let Some(mut members) = Members::of(&text) {
                for (key, value) in members.by_ref() {
                    unescape(key);
                    value.text();
                    value.members().into_iter().flatten().count();
                    value.elements().into_iter().flatten().count();
                }
                prop_assert!(members.end().is_some());
            }
        }
    }
}
