//! Tables of cron: those of users (`crontab -l`), those of the system with a user in each line (`/etc/crontab`, `/etc/cron.d`), and
//! anacrontab.
//!
//! Whether lines name a user is told from the comments, else from the word itself. Such a table has no times: it says what was set
//! up when it was collected.

use std::borrow::Cow;
use std::io::{self, BufRead};

use abate_model::rows::ScheduledJobActivity;
use abate_model::{Body, LossKind, Row, Table, Text, ZoneCertainty};

use crate::lines::{Line, Lines, first_lines};
use crate::{Head, ReadContext, Reader, Sink};

/// See the module.
pub(super) static READER: Reader = Reader {
    id: "crontab",
    title: Text::fixed("table of scheduled jobs (crontab)", "定期実行ジョブの表（crontab）"),
    tables: &[Table::ScheduledJobActivity],
    continuous: false,
    never_contains: &[
        Text::fixed("whether and when a job ran", "ジョブの実行の有無および時刻"),
        Text::fixed("when and by whom a job was set up", "ジョブの登録日時および登録者"),
        Text::fixed("jobs that were removed before the table was collected", "表の取得前に削除されたジョブ"),
    ],
    sniff,
    read,
};

fn sniff(head: &Head<'_>) -> Option<String> {
    let lines = first_lines(head, 200);
    let (mut jobs, mut others, mut marked) = (0, 0, false);
    for line in &lines {
        let text = std::str::from_utf8(line).ok()?;
        match Kind::of(text) {
            Kind::Job(job) => {
                jobs += 1;
                marked |= job.schedule.contains('*') || job.schedule.starts_with('@');
            }
            Kind::Anacron(_) => {
                jobs += 1;
                marked = true;
            }
            Kind::Setting | Kind::Comment => {}
            Kind::Other => others += 1,
        }
    }
    // A table of numbers looks like jobs too: one of them must have a mark of its own.
    (marked && jobs > others).then(|| format!("{jobs} of the first {} lines are jobs of cron", lines.len()))
}

fn read(input: &mut dyn BufRead, _: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    let max = sink.limits().max_line;
    let mut lines = Lines::new(input, max);
    let mut with_user = None;
    while let Some(line) = lines.next()? {
        let place = match line {
            Line::Whole(place) => place,
            Line::TooLong(at, bytes) => {
                sink.loss(LossKind::OverLimit, format!("a line is longer than {max} bytes"), Some(at), bytes);
                continue;
            }
        };
        let text = place.text();
        let mut emit = |job: ScheduledJobActivity<'_>| {
            let body = Body::Job(Box::new(job));
            sink.row(Row { at: None, zone: ZoneCertainty::Unknown, source: 0, locator: place.locator(), body }, place.bytes);
        };
        match Kind::of(&text) {
            Kind::Comment => with_user = with_user.or_else(|| says_user(&text)),
            Kind::Setting => {}
            Kind::Job(job) => emit(job.row(with_user)),
            Kind::Anacron(job) => emit(job),
            Kind::Other => {
                let reason = "no job of cron: no schedule and command in the line".to_owned();
                sink.loss(LossKind::Malformed, reason, Some(place.locator()), place.bytes.len() as u64);
            }
        }
    }
    Ok(())
}

/// Whether a comment that names the columns names a user: `# m h dom mon dow user command`.
fn says_user(comment: &str) -> Option<bool> {
    let words = comment.to_ascii_lowercase();
    let columns = words.contains("dow") || words.contains("user-name") || words.contains("user name");
    (columns && words.contains("command")).then(|| words.contains("user"))
}

enum Kind<'l> {
    Comment,
    Setting,
    Job(Job<'l>),
    Anacron(ScheduledJobActivity<'l>),
    Other,
}

struct Job<'l> {
    schedule: &'l str,
    rest: &'l str,
}

impl<'l> Kind<'l> {
    fn of(line: &'l str) -> Self {
        let text = line.trim();
        if text.is_empty() || text.starts_with('#') {
            return Self::Comment;
        }
        if let Some(job) = Job::read(text) {
            return Self::Job(job);
        }
        if let Some(job) = anacron(text) {
            return Self::Anacron(job);
        }
        let name = text.split_once('=').map(|(name, _)| name.trim());
        let named = |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if name.is_some_and(named) { Self::Setting } else { Self::Other }
    }
}

impl<'l> Job<'l> {
    fn read(text: &'l str) -> Option<Self> {
        const NAMES: &[&str] = &["@reboot", "@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];
        const RANGES: &[(u8, u8)] = &[(0, 59), (0, 23), (1, 31), (1, 12), (0, 7)];
        let (first, rest) = word(text)?;
        if NAMES.contains(&first) {
            return is_command(rest).then_some(Self { schedule: first, rest });
        }
        let mut left = text;
        for range in RANGES {
            let (field, behind) = word(left)?;
            if !is_field(field, *range) {
                return None;
            }
            left = behind;
        }
        let schedule = text.get(..text.len() - left.len())?.trim_end();
        is_command(left).then_some(Self { schedule, rest: left })
    }

    fn row(&self, with_user: Option<bool>) -> ScheduledJobActivity<'l> {
        let split = word(self.rest).filter(|(user, command)| with_user.unwrap_or_else(|| is_user(user, command)) && !command.is_empty());
        let (user, command) = split.map_or((None, self.rest), |(user, command)| (Some(user), command));
        ScheduledJobActivity {
            change: Cow::Borrowed("defined"),
            command: Cow::Borrowed(command),
            schedule: Some(Cow::Borrowed(self.schedule)),
            user: user.map(Cow::Borrowed),
            program: Some(Cow::Borrowed("cron")),
            ..ScheduledJobActivity::default()
        }
    }
}

/// The first word, and what follows the blanks behind it.
fn word(text: &str) -> Option<(&str, &str)> {
    let end = text.find([' ', '\t'])?;
    let (first, rest) = text.split_at_checked(end)?;
    Some((first, rest.trim_start()))
}

fn is_command(text: &str) -> bool {
    text.chars().next().is_some_and(|c| c.is_ascii_alphabetic() || "/.~$([{\"'_-:!".contains(c))
}

/// `*`, `*/5`, `1-5`, `1,15`, `mon`, `jan`, `7~22`.
fn is_field(field: &str, (low, high): (u8, u8)) -> bool {
    const NAMES: &str = "sun mon tue wed thu fri sat jan feb mar apr may jun jul aug sep oct nov dec";
    let value = |text: &str| {
        let number = text.len() <= 2 && text.parse::<u8>().is_ok_and(|n| (low..=high).contains(&n));
        number || (high <= 12 && text.len() == 3 && NAMES.split(' ').any(|name| name.eq_ignore_ascii_case(text)))
    };
    let part = |part: &str| {
        let (range, step) = part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
        let step = step.is_none_or(|step| !step.is_empty() && step.len() <= 2 && step.bytes().all(|b| b.is_ascii_digit()));
        step && (range == "*" || range.split(['-', '~']).all(value))
    };
    !field.is_empty() && field.split(',').all(part)
}

/// Without a comment that says so, a word is a user if it is a common one, or looks like a name in front of a path.
fn is_user(word: &str, command: &str) -> bool {
    const USERS: &[&str] = &[
        "root", "daemon", "nobody", "www-data", "apache", "nginx", "httpd", "mysql", "postgres", "ubuntu", "ec2-user", "admin", "centos",
        "debian", "rocky", "git", "jenkins", "munin", "smmsp", "mail", "logcheck", "list", "redis", "tomcat",
    ];
    const COMMANDS: &[&str] = &[
        "sh",
        "bash",
        "dash",
        "zsh",
        "cd",
        "cat",
        "rm",
        "cp",
        "mv",
        "ls",
        "nice",
        "ionice",
        "nohup",
        "sudo",
        "env",
        "python",
        "python3",
        "perl",
        "php",
        "node",
        "ruby",
        "java",
        "find",
        "chmod",
        "chown",
        "tar",
        "test",
        "run-parts",
        "source",
        "exec",
        "timeout",
        "flock",
        "touch",
        "mkdir",
        "du",
        "tail",
        "head",
        "gzip",
        "chronic",
        "time",
        "logrotate",
        "mysqldump",
        "rsync",
        "certbot",
        "systemctl",
    ];
    let name = word.len() <= 32
        && word.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-'));
    USERS.contains(&word) || (name && command.starts_with('/') && !COMMANDS.contains(&word))
}

/// `1 5 cron.daily nice run-parts /etc/cron.daily`: period in days, delay in minutes, name, command.
fn anacron(text: &str) -> Option<ScheduledJobActivity<'_>> {
    let (period, rest) = word(text)?;
    let (delay, rest) = word(rest)?;
    let (name, command) = word(rest)?;
    let number = |text: &str| !text.is_empty() && text.len() <= 4 && text.bytes().all(|b| b.is_ascii_digit());
    let good = (number(period) || matches!(period, "@daily" | "@weekly" | "@monthly")) && number(delay) && name.starts_with("cron.");
    let schedule = text.get(..text.len() - rest.len())?.trim_end();
    (good && is_command(command)).then(|| ScheduledJobActivity {
        change: Cow::Borrowed("defined"),
        name: Some(Cow::Borrowed(name)),
        command: Cow::Borrowed(command),
        schedule: Some(Cow::Borrowed(schedule)),
        program: Some(Cow::Borrowed("anacron")),
        ..ScheduledJobActivity::default()
    })
}
