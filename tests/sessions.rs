//! What is typed and what is answered: the sessions in `tests/sessions`, and those of the README.
//!
//! `TRYCMD=overwrite cargo test sessions` writes what is answered now; read the difference before
//! committing it. Sessions that need a shell are in `processes`.

#[test]
fn sessions_answer_as_written() {
    trycmd::TestCases::new()
        .env("NO_COLOR", "1")
        .case("tests/sessions/*.md")
        .case("tests/sessions/*.toml")
        .case("README.md");
}
