//! The program: words in, records out, an exit status. Everything else is in the library.

use brainstem::cli::{self, Answer, Command};
use brainstem::event::Timestamp;
use brainstem::run::{self, Status};
use brainstem::stderr;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

fn main() -> ExitCode {
    let ran = match cli::parse(std::env::args_os(), now()) {
        Ok(command) => run(command),
        Err(answer) => print(&answer),
    };
    let status = match ran {
        Ok(status) => status,
        // Whoever read has seen enough, as in `| head`: nothing is wrong.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Status::Ran,
        Err(error) => {
            stderr::tell(&format!("standard output: {error}; output is incomplete"));
            Status::Trouble
        }
    };
    ExitCode::from(status as u8)
}

fn run(command: Command) -> io::Result<Status> {
    // A pipe holds 64 KiB.
    let mut out = BufWriter::with_capacity(64 << 10, io::stdout());
    let status = match command {
        Command::Scan(scan) => run::scan_sharing_work(&scan, &mut out)?,
        Command::Digest(digest) => run::digest(&digest, &mut out)?,
        Command::Recall(recall) => run::recall(&recall, &mut out)?,
        Command::Ack(ack) => run::ack(&ack, &mut out)?,
        Command::Generate(artifact) => {
            cli::generate(artifact, &mut out)?;
            Status::Ran
        }
    };
    out.flush()?;
    Ok(status)
}

fn print(answer: &Answer) -> io::Result<Status> {
    answer.print()?;
    io::stdout().flush()?;
    Ok(if answer.is_error() {
        Status::Trouble
    } else {
        Status::Ran
    })
}

/// The only look at the clock.
fn now() -> Timestamp {
    let now = SystemTime::now();
    let since_epoch = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since_epoch.as_micros()).unwrap_or(i64::MAX))
}
