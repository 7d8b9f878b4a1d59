//! Reading the builds that `scan --baseline` compares with: logs, directories of them, snapshots.

use super::{Reading, Scan};
use crate::baseline::{Baseline, COMPARED_EXAMPLES_MAX};
use crate::corpus::{Corpus, Limits};
use crate::input;
use crate::memory::{self, Snapshot};
use crate::stderr;
use std::ffi::OsString;
use std::path::Path;

impl Scan {
    /// The builds to compare with; `None` without `--baseline`, or when none of it can be read.
    ///
    /// Each file is a build, and so is a snapshot, which is only read.
    pub(super) fn baseline(&self, reading: &mut Reading) -> Option<Baseline> {
        let mut builds = Vec::new();
        for named in &self.baselines {
            let files = input::files_of(named);
            if files.as_ref().is_ok_and(Vec::is_empty) {
                stderr::tell(&format!(
                    "{}: the directory has no files, and nothing is compared with it",
                    Path::new(&named).display()
                ));
            }
            for file in files.unwrap_or_else(|problem| reading.refuse(&problem)) {
                builds.extend(match memory::is_snapshot(Path::new(&file)) {
                    true => remembered(Path::new(&file), reading),
                    false => self.build(file, reading),
                });
            }
        }
        let baseline = Baseline::of(builds);
        if baseline.builds() > 0 && baseline.is_empty() {
            stderr::tell("the baseline has no lines; everything counts as new");
        }
        (baseline.builds() > 0).then_some(baseline)
    }

    /// A log, as far as it can be read.
    fn build(&self, file: OsString, reading: &mut Reading) -> Option<Corpus> {
        let problems = reading.problems;
        let (corpus, _) = self.reduce(&[file], reading, &[]);
        (reading.problems == problems || corpus.accounting.lines() > 0).then_some(corpus)
    }

    /// What bounds the memory: builds that are compared keep more examples.
    pub(super) fn caps(&self) -> Limits {
        match self.baselines.is_empty() {
            true => self.limits,
            false => Limits {
                examples_max: COMPARED_EXAMPLES_MAX,
                ..self.limits
            },
        }
    }
}

/// What a snapshot remembers.
fn remembered(path: &Path, reading: &mut Reading) -> Option<Corpus> {
    let corpus = Snapshot::open_to_read(path).and_then(|snapshot| snapshot.familiar());
    corpus
        .map_err(|problem| reading.refuse::<()>(&problem))
        .ok()
}
