//! Stamps that runners of CI systems put before every line, and nothing else does.
//!
//! GitHub's and Azure's have seven digits of fraction; GitLab's six, with the stream in two digits and a
//! letter behind them (`2024-05-01T10:00:00.123456Z 00O text`); Jenkins' are a time of day and two
//! blanks. What such a line says is read as if it stood alone.

/// How each stamp is written: `d` stands for a digit, `x` for a hexadecimal one.
const GITHUB: &[u8] = b"dddd-dd-ddTdd:dd:dd.dddddddZ";
const GITLAB: &[u8] = b"dddd-dd-ddTdd:dd:dd.ddddddZ xx";
const JENKINS: &[u8] = b"dd:dd:dd  ";

/// Bytes of GitLab's stamp that are a time.
const GITLAB_TIME_BYTES: usize = 27;

/// What follows the stamp of a runner.
pub fn after(line: &[u8]) -> Option<&[u8]> {
    split(line)
        .map(|(_, text)| text)
        .or_else(|| github(line).map(|(_, text)| text))
}

/// The stamp of GitHub's runner and what follows it.
pub(super) fn github(line: &[u8]) -> Option<(&[u8], &[u8])> {
    if line.get(GITHUB.len() - 1) != Some(&b'Z') {
        return None;
    }
    let text = match after_form(line, GITHUB)? {
        [b' ', text @ ..] => text,
        [] => b"",
        _ => return None,
    };
    Some((&line[..GITHUB.len()], text))
}

/// The time in a stamp of GitLab's runner, or none of Jenkins', and what follows it; GitHub's is a format
/// of its own.
pub(super) fn split(line: &[u8]) -> Option<(Option<&[u8]>, &[u8])> {
    // Almost every line fails at one of two bytes.
    if line.get(9) == Some(&b' ') {
        return after_form(line, JENKINS).map(|text| (None, text));
    }
    if line.get(26) != Some(&b'Z') {
        return None;
    }
    match after_form(line, GITLAB)? {
        [b'O' | b'E', b' ' | b'+', text @ ..] => Some((line.get(..GITLAB_TIME_BYTES), text)),
        [b'O' | b'E'] => Some((line.get(..GITLAB_TIME_BYTES), b"")),
        _ => None,
    }
}

fn after_form<'a>(line: &'a [u8], form: &[u8]) -> Option<&'a [u8]> {
    let (stamp, rest) = line.split_at_checked(form.len())?;
    let fits = |(form, byte): (&u8, &u8)| match form {
        b'd' => byte.is_ascii_digit(),
        b'x' => byte.is_ascii_hexdigit(),
        form => form == byte,
    };
    form.iter().zip(stamp).all(fits).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_of_each_runner_are_told_from_others() {
        let cases: [(&str, Option<&str>); 7] = [
            ("2024-05-01T10:00:00.1234567Z gate", Some("gate")),
            ("2024-05-01T10:00:00.123456Z 00O gate", Some("gate")),
            ("2024-05-01T10:00:00.123456Z 01E+gate", Some("gate")),
            ("10:00:00  gate", Some("gate")),
            ("10:00:00 gate", None),
            ("2024-05-01T10:00:00.123456Z gate", None),
            ("", None),
        ];
        for (line, text) in cases {
            assert_eq!(after(line.as_bytes()), text.map(str::as_bytes), "{line}");
        }
    }
}
