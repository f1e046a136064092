//! Runs the programs, several at a time.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use convgrad::conv::{Context, Conv2d, Layout};
use convgrad::cube::profile::Profile;
use convgrad::cube::program::{By, Detail, Method, Outcome, Problem, Refusal};
use convgrad::cube::time::Event;

use super::{Figures, Findings, Measured, Run, ShapeRuns, settings};
use crate::failure::{Failure, Result};
use crate::measure::Random;
use crate::progress::Progress;
use crate::shapes::ShapeSet;

/// What is emulated.
pub(crate) struct Plan {
    pub(crate) set: ShapeSet,
    pub(crate) profile: Profile,
    pub(crate) threads: usize,
    pub(crate) selection: Selection,
    /// Whether the first run that can be done is traced.
    pub(crate) traced: bool,
    /// How many tiles of sums of each run are computed; None for all.
    pub(crate) sample: Option<usize>,
}

/// A pass by a scheme, one way or the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Job {
    pub(crate) method: Method,
    pub(crate) by: By,
}

impl Job {
    /// All of them, in the order of reports.
    pub(crate) fn all() -> impl Iterator<Item = Job> {
        let job = |method| By::ALL.map(|by| Job { method, by });
        Method::ALL.into_iter().flat_map(job)
    }

    /// `dx/converters/hardware`
    pub(crate) fn name(self) -> String {
        let Job { method, by } = self;
        format!("{}/{}/{}", method.pass(), method.scheme(), by.name())
    }
}

/// Some of all jobs: those whose names begin like this.
#[derive(Clone, Debug)]
pub(crate) struct Selection(String);

impl Selection {
    /// Those that begin so.
    pub(crate) fn new(prefix: &str) -> Result<Self, String> {
        if Job::all().any(|job| job.name().starts_with(prefix)) {
            return Ok(Selection(prefix.into()));
        }
        let names: Vec<String> = Job::all().map(Job::name).collect();
        Err(format!("no run begins so; there are {}", names.join(", ")))
    }

    fn takes(&self, job: Job) -> bool {
        job.name().starts_with(&self.0)
    }
}

/// What was traced: its name, its events, its cycles.
pub(crate) struct Traced {
    pub(crate) title: String,
    pub(crate) events: Vec<Event>,
    pub(crate) cycles: u64,
}

/// Runs everything.
pub(crate) fn emulate(plan: &Plan) -> Result<(Findings, Option<Traced>)> {
    let jobs: Vec<Job> = Job::all()
        .filter(|job| plan.selection.takes(*job))
        .collect();
    let convs = plan
        .set
        .shapes
        .iter()
        .map(|shape| shape.conv())
        .collect::<Result<Vec<Conv2d>>>()?;
    let mut work: Vec<(usize, usize)> = (0..convs.len())
        .flat_map(|shape| (0..jobs.len()).map(move |job| (shape, job)))
        .collect();
    // The longest first, so that no thread is left alone with one at the end.
    work.sort_by_key(|&(shape, _)| std::cmp::Reverse(convs[shape].flops()));
    let detail = |shape: usize, job: usize| Detail {
        traced: plan.traced && (shape, job) == (0, 0),
        tiles: plan.sample,
    };
    let problems: Vec<Mutex<Option<std::sync::Arc<Problem>>>> =
        convs.iter().map(|_| Mutex::new(None)).collect();
    let left: Vec<AtomicUsize> = convs.iter().map(|_| AtomicUsize::new(jobs.len())).collect();
    let results = Mutex::new(Vec::with_capacity(work.len()));
    let progress = Mutex::new(Progress::new(work.len()));
    let next = AtomicUsize::new(0);
    let worker = || -> Result {
        let cx = Context::single_threaded();
        while let Some(&(shape, job)) = work.get(next.fetch_add(1, Ordering::Relaxed)) {
            let name = format!("{}: {}", plan.set.shapes[shape], jobs[job].name());
            lock(&progress).next(&name);
            let problem = {
                let mut slot = lock(&problems[shape]);
                match &*slot {
                    Some(problem) => problem.clone(),
                    None => slot
                        .insert(std::sync::Arc::new(random(&convs[shape])?))
                        .clone(),
                }
            };
            let Job { method, by } = jobs[job];
            let outcome = problem.run(&cx, &plan.profile, method, by, detail(shape, job));
            lock(&results).push(((shape, job), checked(&name, outcome)?));
            // The operands go when the last job of a shape is done.
            if left[shape].fetch_sub(1, Ordering::AcqRel) == 1 {
                lock(&problems[shape]).take();
            }
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..plan.threads).map(|_| scope.spawn(worker)).collect();
        let own = worker();
        others.into_iter().fold(own, |all, other| {
            let broken = || Failure::environment("a thread broke off");
            all.and(other.join().map_err(|_| broken()).and_then(|result| result))
        })
    })?;
    let mut results = results
        .into_inner()
        .unwrap_or_else(|poison| poison.into_inner());
    results.sort_by_key(|(number, _)| *number);
    Ok(collect(plan, &jobs, results))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poison| poison.into_inner())
}

/// Operands that are the same in every run.
fn random(conv: &Conv2d) -> Result<Problem> {
    let mut random = Random::new(11);
    let [x, kernel, dy] = [conv.input_shape(), conv.kernel_shape(), conv.output_shape()]
        .map(|shape| random.numbers(shape.iter().product()));
    Problem::new(conv, Layout::Nchw.formats(), &x, &kernel, &dy).map_err(Failure::runtime)
}

/// An outcome, or why there is none; what is wrong ends the command.
fn checked(name: &str, outcome: Result<Outcome, Refusal>) -> Result<Result<Outcome, String>> {
    match outcome {
        Ok(outcome) if !outcome.exact => Err(Failure::environment(format!(
            "{name}: the result differs from the definition, by {:.1e} of the largest sum",
            outcome.max_rel_error
        ))),
        Ok(outcome) => Ok(Ok(outcome)),
        Err(Refusal::Unavailable(reason)) => Ok(Err(reason)),
        Err(Refusal::Error(error)) => Err(Failure::runtime(error)),
        Err(refusal) => Err(Failure::environment(format!("{name}: {refusal}"))),
    }
}

type Result2 = ((usize, usize), Result<Outcome, String>);

fn collect(plan: &Plan, jobs: &[Job], results: Vec<Result2>) -> (Findings, Option<Traced>) {
    let mut traced = None;
    let mut shapes: Vec<ShapeRuns> = plan
        .set
        .shapes
        .iter()
        .map(|shape| ShapeRuns {
            shape: shape.clone(),
            runs: Vec::new(),
        })
        .collect();
    for ((shape, job), outcome) in results {
        let Job { method, by } = jobs[job];
        let result = match outcome {
            Ok(mut outcome) => {
                let events = std::mem::take(&mut outcome.trace);
                if !events.is_empty() {
                    let name = format!("{}, {}", plan.set.shapes[shape], jobs[job].name());
                    traced = Some(Traced {
                        title: format!("{name} on {}", plan.profile.name()),
                        events,
                        cycles: outcome.report.cycles,
                    });
                }
                Measured::Done(Box::new(Figures::of(&outcome)))
            }
            Err(unavailable) => Measured::Not { unavailable },
        };
        shapes[shape].runs.push(Run {
            pass: method.pass(),
            scheme: method.scheme(),
            img2col: by.name(),
            result,
        });
    }
    shapes.iter_mut().for_each(compare);
    let findings = Findings {
        profile: plan.profile.name().into(),
        settings: settings(&plan.profile),
        shapes,
    };
    (findings, traced)
}

/// Compares every run with forward done the same way.
fn compare(shape: &mut ShapeRuns) {
    let forward = By::ALL.map(|by| {
        let method = Method::Forward;
        shape
            .figures(Job { method, by })
            .map(|figures| figures.cycles)
    });
    for run in &mut shape.runs {
        let base = forward[usize::from(run.img2col != By::Hardware.name())];
        if let (Measured::Done(figures), Some(base)) = (&mut run.result, base) {
            figures.relative_to_forward = Some(figures.cycles as f64 / base as f64);
        }
    }
}
