//! Records of hosts and their services: web and mail servers, sign-ins, processes, files, accounts.

use std::net::IpAddr;

use jiff::Timestamp;

use super::record::{Cells, Columns, Field, Kind, Record, Value, record, worded};
use super::{OptStr, Str};

record! {
    /// A request to a web server. OCSF class 4002.
    HttpActivity {
        /// the client as logged: an address, or a name
        client: Str<'a> = "src_endpoint.ip",
        /// authenticated user
        user: OptStr<'a> = "actor.user.name",
        /// virtual host, if the format has it
        host: OptStr<'a> = "http_request.url.hostname",
        /// method; empty when the request line does not parse
        method: Str<'a> = "http_request.http_method",
        /// path and query as sent (percent-encoded); the raw request line when it does not parse
        target: Str<'a> = "http_request.url.path",
        /// status code
        status: Option<u16> = "http_response.code",
        /// bytes of the response body
        bytes: Option<u64> = "http_response.body_length",
        /// Referer
        referer: OptStr<'a> = "http_request.referrer",
        /// User-Agent
        user_agent: OptStr<'a> = "http_request.user_agent",
        /// what took the request where it is not the web server itself: load balancer, distribution, bucket, web ACL
        server: OptStr<'a> = "dst_endpoint.name",
        /// who answered behind it
        backend: Option<IpAddr> = "proxy_endpoint.ip",
        /// the client's address as a proxy passed it on (`X-Forwarded-For`): the client's word, unless the proxy is trusted
        forwarded_for: OptStr<'a> = "http_request.x_forwarded_for",
        /// bytes of the request
        request_bytes: Option<u64> = "traffic.bytes_in",
        /// what the service calls the request, where it has names for them (S3: `REST.GET.OBJECT`)
        operation: OptStr<'a> = "api.operation",
        /// what a firewall did: `ALLOW`, `BLOCK`, `COUNT`; a load balancer: its actions
        action: OptStr<'a> = "disposition",
        /// rule that decided it: its id, or its priority
        rule: OptStr<'a> = "firewall_rule.uid",
        /// account
        account: OptStr<'a> = "cloud.account.uid",
        /// Region
        region: OptStr<'a> = "cloud.region",
    }
}

impl HttpActivity<'_> {
    /// The client's address, where it is one.
    #[must_use]
    pub fn client_addr(&self) -> Option<IpAddr> {
        self.client.parse().ok()
    }

    /// The target without its query.
    #[must_use]
    pub fn path(&self) -> &str {
        self.target.split_once('?').map_or(&self.target, |(path, _)| path)
    }
}

/// How a sign-in ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AuthOutcome {
    /// let in
    Success,
    /// refused
    #[default]
    Failure,
    /// neither is said (connection closed before authentication, session opened or closed)
    Other,
}

record! {
    /// A sign-in. OCSF class 3002.
    Authentication {
        /// `sshd`, `console` (AWS Management Console), `sudo`, `windows`, `rdp`, `kerberos`, `ntlm`, `mssql`, …
        service: Str<'a> = "service.name",
        /// host name in the log
        host: OptStr<'a> = "device.hostname",
        /// AWS account (console)
        account: OptStr<'a> = "cloud.account.uid",
        /// Region (console)
        region: OptStr<'a> = "cloud.region",
        /// who
        user: OptStr<'a> = "user.name",
        /// whether the log says that no such user exists
        unknown_user: bool = "",
        /// from where
        source: Option<IpAddr> = "src_endpoint.ip",
        /// source port
        source_port: Option<u16> = "src_endpoint.port",
        /// `password`, `publickey`, `keyboard-interactive/pam`, `console`, …
        method: OptStr<'a> = "auth_protocol",
        /// fingerprint of the key used, if the log names it
        key_fingerprint: OptStr<'a> = "certificate.fingerprints",
        /// how it ended
        outcome: AuthOutcome = "status",
        /// attempts that this line stands for ("message repeated 5 times"), at least 1
        attempts: u32 = "count",
        /// whether MFA was used (console)
        mfa: Option<bool> = "is_mfa",
        /// process id of the daemon
        pid: Option<u32> = "actor.process.pid",
        /// user agent (console)
        user_agent: OptStr<'a> = "http_request.user_agent",
        /// the message as logged
        message: Str<'a> = "message",
        /// dedupe key where the source has one (CloudTrail `eventID`)
        event_id: OptStr<'a> = "metadata.uid",
    }
}

/// What happened to a process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ProcessChange {
    /// it was started, or ran
    #[default]
    Launch,
    /// it ended
    End,
    /// something else was said of it
    Other,
}

record! {
    /// A program that ran (auditd, sudo, shell history, process listings, Sysmon). OCSF class 1007.
    ProcessActivity {
        /// host name in the log
        host: OptStr<'a> = "device.hostname",
        /// what happened to it
        change: ProcessChange = "activity_name",
        /// its name
        name: OptStr<'a> = "process.name",
        /// the file that was run
        exe: OptStr<'a> = "process.file.path",
        /// the command line
        command: Str<'a> = "process.cmd_line",
        /// working directory
        cwd: OptStr<'a> = "process.working_directory",
        /// process id
        pid: Option<u32> = "process.pid",
        /// the parent's process id
        parent_pid: Option<u32> = "process.parent_process.pid",
        /// the parent's file or command line
        parent: OptStr<'a> = "process.parent_process.cmd_line",
        /// the user it ran as: a name, else a number
        user: OptStr<'a> = "process.user.name",
        /// the user who had signed in (audit id, the one who called sudo)
        login_user: OptStr<'a> = "actor.user.name",
        /// terminal
        tty: OptStr<'a> = "process.tty",
        /// whether the start succeeded
        success: Option<bool> = "status",
        /// the rule's key, or the event's id
        tag: OptStr<'a> = "metadata.event_code",
        /// hashes of the file, as `SHA256=…`
        hashes: Vec<Str<'a>> = "process.file.hashes",
        /// program that wrote it: `sudo`, the shell of a history
        program: OptStr<'a> = "metadata.product.name",
    }
}

record! {
    /// A job that ran or was set up to run (cron, systemd, Windows tasks). OCSF class 1006.
    ScheduledJobActivity {
        /// host name in the log
        host: OptStr<'a> = "device.hostname",
        /// `run`, `defined`, `changed`, `removed`
        change: Str<'a> = "activity_name",
        /// its name, or the unit's
        name: OptStr<'a> = "job.name",
        /// what it runs
        command: Str<'a> = "job.cmd_line",
        /// when, as written
        schedule: OptStr<'a> = "job.run_state",
        /// the user it runs as
        user: OptStr<'a> = "job.user.name",
        /// the file that defines it
        file: OptStr<'a> = "job.file.path",
        /// process id of the scheduler's child
        pid: Option<u32> = "actor.process.pid",
        /// program that wrote it: `CRON`, `crontab`
        program: OptStr<'a> = "actor.process.name",
    }
}

record! {
    /// A mail on its way (Postfix, Exim, Sendmail, Amazon SES events). OCSF class 4009.
    EmailActivity {
        /// host name in the log
        host: OptStr<'a> = "device.hostname",
        /// `received`, `sent`, `deferred`, `bounced`, `rejected`, `complaint`, `opened`, …
        status: Str<'a> = "status",
        /// the server's own number of it
        queue_id: OptStr<'a> = "email.uid",
        /// Message-ID
        message_id: OptStr<'a> = "email.message_uid",
        /// envelope sender
        from: OptStr<'a> = "email.smtp_from",
        /// envelope recipients
        to: Vec<Str<'a>> = "email.smtp_to",
        /// subject, where it is logged
        subject: OptStr<'a> = "email.subject",
        /// bytes
        size: Option<u64> = "email.size",
        /// who handed it in
        client: Option<IpAddr> = "src_endpoint.ip",
        /// its name as logged
        client_name: OptStr<'a> = "src_endpoint.hostname",
        /// user who signed in to send it
        login_user: OptStr<'a> = "actor.user.name",
        /// the server it was handed to
        relay: OptStr<'a> = "dst_endpoint.hostname",
        /// that server's address
        relay_address: Option<IpAddr> = "dst_endpoint.ip",
        /// enhanced status code (RFC 3463)
        dsn: OptStr<'a> = "status_code",
        /// the answer, or why
        reason: OptStr<'a> = "status_detail",
        /// account (SES)
        account: OptStr<'a> = "cloud.account.uid",
        /// Region (SES)
        region: OptStr<'a> = "cloud.region",
        /// process id
        pid: Option<u32> = "actor.process.pid",
    }
}

record! {
    /// Something that happened to a file (auditd, Sysmon, FTP and collector listings). OCSF class 1001.
    FileActivity {
        /// host name in the log
        host: OptStr<'a> = "device.hostname",
        /// `created`, `modified`, `deleted`, `read`, `renamed`, `permissions`, `listed`
        change: Str<'a> = "activity_name",
        /// its path
        path: Str<'a> = "file.path",
        /// its owner
        owner: OptStr<'a> = "file.owner.name",
        /// permissions as written
        mode: OptStr<'a> = "file.attributes",
        /// bytes
        size: Option<u64> = "file.size",
        /// hashes, as `SHA256=…`
        hashes: Vec<Str<'a>> = "file.hashes",
        /// who did it
        user: OptStr<'a> = "actor.user.name",
        /// the program that did it
        process: OptStr<'a> = "actor.process.name",
        /// its process id
        pid: Option<u32> = "actor.process.pid",
        /// when the file was made
        made: Option<Timestamp> = "file.created_time",
        /// when its content was last changed
        modified: Option<Timestamp> = "file.modified_time",
        /// the rule's key, or the event's id
        tag: OptStr<'a> = "metadata.event_code",
    }
}

record! {
    /// A change to a user or group (useradd, passwd, Windows account events). OCSF class 3001.
    AccountChange {
        /// host name in the log
        host: OptStr<'a> = "device.hostname",
        /// `created`, `deleted`, `changed`, `password`, `group-added`, `group-removed`, `locked`, `unlocked`
        change: Str<'a> = "activity_name",
        /// the user it happened to
        user: OptStr<'a> = "user.name",
        /// the user's number or SID
        uid: OptStr<'a> = "user.uid",
        /// the group
        group: OptStr<'a> = "user.groups.name",
        /// who did it
        actor: OptStr<'a> = "actor.user.name",
        /// home directory
        home: OptStr<'a> = "",
        /// shell
        shell: OptStr<'a> = "",
        /// program that wrote it
        program: OptStr<'a> = "actor.process.name",
        /// process id
        pid: Option<u32> = "actor.process.pid",
        /// the message as logged
        message: Str<'a> = "message",
    }
}

record! {
    /// An entry of an event log that has fields of its own (Windows, journald). OCSF class 1008.
    EventLogActivity {
        /// host name in the log
        host: OptStr<'a> = "device.hostname",
        /// channel, e.g. `Security`, or the unit
        channel: OptStr<'a> = "log_name",
        /// who wrote it
        provider: OptStr<'a> = "log_provider",
        /// event id
        code: OptStr<'a> = "metadata.event_code",
        /// level as written
        level: OptStr<'a> = "severity",
        /// number in the log
        record: Option<u64> = "metadata.sequence",
        /// user or SID
        user: OptStr<'a> = "actor.user.uid",
        /// process id
        pid: Option<u32> = "actor.process.pid",
        /// its fields as JSON text
        data: OptStr<'a> = "unmapped",
        /// its words
        message: OptStr<'a> = "message",
    }
}

record! {
    /// A record of which only the time and the words are known.
    TimedText {
        /// host name in the log
        host: OptStr<'a> = "device.hostname",
        /// program that wrote it
        program: OptStr<'a> = "actor.process.name",
        /// process id
        pid: Option<u32> = "actor.process.pid",
        /// the words
        message: Str<'a> = "message",
    }
}

worded! {
    AuthOutcome { Other = "other", Success = "success", Failure = "failure" }
    ProcessChange { Launch = "launch", End = "end", Other = "other" }
}
