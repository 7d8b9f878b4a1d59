//! The second step to a cheap form: words that are hexadecimal ids become one of a few.
//!
//! Ids differ in their letters as numbers do in their digits, and no rule looks at which they are.
//! What a word of hexadecimal digits means is the shapes' matter; they see the same kind of word.

use crate::format::hex::{folded, numbered_word};

/// Folds the ids of a form whose runs of digits are masked, in place, and gives its new length.
pub(super) fn fold(form: &mut [u8]) -> usize {
    // What is read, what of it was moved, and where to.
    let (mut at, mut from, mut to) = (0, 0, 0);
    while let Some(word) = numbered_word(form, at) {
        at = word.end;
        // Behind a plus it may be part of a URL's scheme, whose length is bounded.
        let in_scheme = word.start > from && form[word.start - 1] == b'+';
        let Some(folded) = folded(&form[word.clone()]).filter(|_| !in_scheme) else {
            continue;
        };
        form.copy_within(from..word.start, to);
        to += word.start - from;
        form[to..to + folded.len()].copy_from_slice(&folded);
        to += folded.len();
        from = word.end;
    }
    if from == to {
        return form.len();
    }
    form.copy_within(from.., to);
    to + form.len() - from
}

#[cfg(test)]
mod tests {
    use super::super::{cheap, digits, pattern};
    use super::*;
    use crate::format::hex::Leveller;
    use proptest::prelude::*;

    fn shown(form: &str) -> String {
        let mut form = form.as_bytes().to_vec();
        let length = fold(&mut form);
        String::from_utf8_lossy(&form[..length]).into_owned()
    }

    #[test]
    fn ids_become_one_and_other_words_stay() {
        for (form, expected) in [
            ("gate 0bf0ad open", "gate 0a0 open"),
            ("f0e0-e0f at 0xfe0: F0e", "a0a-a0a at 0x0: A0a"),
            ("0B 0bc0", "0B 0a0"),
            ("dead beef eth0 fe0 abc", "dead beef eth0 fe0 abc"),
            ("a_0f0 x0f0 0xfg git+0ab://", "a_0f0 x0f0 0xfg git+0ab://"),
            ("0a0b0c+0ab 0cc ä0ab 0", "0a0+0ab 0a0 ä0ab 0"),
            ("", ""),
        ] {
            assert_eq!(shown(form), expected);
        }
    }

    proptest! {
        #[test]
        fn a_line_with_levelled_ids_has_the_same_form(text in "[0abfgxXF@+ -]{0,60}") {
            let mut leveller = Leveller::default();
            let levelled = leveller.level(text.as_bytes()).map_or(text.as_bytes(), |(levelled, _)| levelled);
            let forms = [text.as_bytes(), levelled].map(|text| {
                let mut form = Vec::new();
                cheap(text, &mut form);
                form
            });
            prop_assert_eq!(&forms[0], &forms[1]);
        }

        #[test]
        fn a_folded_form_has_the_same_pattern(
            pieces in prop::collection::vec(
                prop_oneof![
                    "[0-9a-f]{1,9}",
                    "[0-9A-F]{1,5}",
                    "(0x|0X)[0-9a-f]{0,6}",
                    "[-+:./=@~_ (){}\\[\\]<>'\",;%]{1,2}",
                    "( |: |=| \\(|user |for | from |KB|B|bytes|msg=|Dec |http://|a.com|C:\\\\|T)",
                    "[a-z]{1,4}",
                ],
                0..16,
            ),
        ) {
            let message = pieces.concat().into_bytes();
            let mut form = vec![0; message.len() + digits::SLACK_BYTES];
            let length = digits::mask(&message, &mut form).length;
            form.truncate(length);
            let expected = pattern(&form);
            let length = fold(&mut form);
            prop_assert_eq!(pattern(&form[..length]), expected);
        }
    }
}
