//! The collection script for AWS CloudShell: readable, read-only, made for one notice.
//!
//! The notice is hostile: only values of a known form get into the script, each quoted.

use abate_model::{Notice, ResourceKind, TimeWindow, is_masked};
use jiff::{SignedDuration, Timestamp};

/// How far before and after the reported time events are fetched.
const BEFORE: SignedDuration = SignedDuration::from_hours(14 * 24);
const AFTER: SignedDuration = SignedDuration::from_hours(2 * 24);

/// The script.
#[must_use]
pub fn collect_script(notice: &Notice) -> String {
    let window = window(notice);
    let regions: Vec<&str> = notice.regions.iter().map(String::as_str).filter(|r| is_word(r)).collect();
    let regions = if regions.is_empty() { vec!["us-east-1"] } else { regions };
    let account = notice.account_id.as_deref().filter(|a| a.len() == 12 && a.bytes().all(|b| b.is_ascii_digit())).unwrap_or("");
    let named: Vec<&str> = notice
        .resources
        .iter()
        .filter(|r| matches!(r.kind, ResourceKind::Ec2Instance | ResourceKind::AccessKey | ResourceKind::NetworkInterface))
        .map(|r| r.id.as_str())
        .filter(|id| !is_masked(id) && is_word(id))
        .take(20)
        .collect();
    SCRIPT
        .replace("@ACCOUNT@", account)
        .replace("@REGIONS@", &regions.join(" "))
        .replace("@FROM@", &stamp(window.from))
        .replace("@TO@", &stamp(window.to))
        .replace("@NAMED@", &named.join(" "))
        .replace("@CASE@", notice.case_id().as_str())
}

fn window(notice: &Notice) -> TimeWindow {
    let about = notice.window().unwrap_or_else(|| {
        let at = notice.date.unwrap_or(notice.received_at);
        TimeWindow::new(at, at)
    });
    let from = about.from.checked_sub(BEFORE).unwrap_or(about.from);
    let to = about.to.checked_add(AFTER).unwrap_or(about.to);
    TimeWindow::new(from, to)
}

fn stamp(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Letters, digits and hyphens only: nothing that a shell reads as more than a word.
fn is_word(text: &str) -> bool {
    !text.is_empty() && text.len() <= 64 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

const SCRIPT: &str = r#"#!/usr/bin/env bash
# Collects evidence for an AWS abuse notice. Run it in AWS CloudShell, in the account that the notice names.
# It only reads (describe, list, get, lookup, filter); the one exception makes AWS generate the IAM credential report.
# What worked and what did not is written into abate-collect.log. Nothing leaves the account until you download the zip.
#
# AWS CloudShell で、通知に記載されたアカウントで実行してください。読み取りだけを行います（例外は IAM 認証情報レポートの生成のみ）。
# 成功と失敗はすべて abate-collect.log に記録されます。zip をダウンロードするまで、データは外に出ません。

set -u
account='@ACCOUNT@'        # account of the notice; empty if it was masked
regions='@REGIONS@'
from='@FROM@'
to='@TO@'
named='@NAMED@'            # instances, keys and interfaces that the notice names
out="abate-evidence-@CASE@"
export AWS_PAGER=""

mkdir -p "$out" || exit 1
log="$out/abate-collect.log"
: > "$log"

# get FILE COMMAND...: runs a command, keeps its output, notes success or the reason of failure.
get() {
  local file="$out/$1"; shift
  mkdir -p "$(dirname "$file")"
  if "$@" > "$file" 2> "$file.err"; then
    echo "ok      $file" | tee -a "$log"
  else
    echo "FAILED  $file: $(tr '\n' ' ' < "$file.err" | cut -c1-300)" | tee -a "$log"
    rm -f "$file"
  fi
  rm -f "$file.err"
}

here=$(aws sts get-caller-identity --query Account --output text)
echo "account $here, Regions $regions, $from to $to" | tee -a "$log"
if [ -n "$account" ] && [ "$here" != "$account" ]; then
  echo "WARNING: the notice names account $account, this is $here / 警告: 通知のアカウントと異なります" | tee -a "$log"
fi

for region in $regions; do
  # Event history: management events of 90 days. A busy account takes some minutes (AWS allows two requests a second).
  get "$region/event-history.json" aws cloudtrail lookup-events --region "$region" --start-time "$from" --end-time "$to" --output json
  get "$region/instances.json" aws ec2 describe-instances --region "$region" --output json
  get "$region/addresses.json" aws ec2 describe-addresses --region "$region" --output json
  get "$region/security-groups.json" aws ec2 describe-security-groups --region "$region" --output json
  get "$region/network-interfaces.json" aws ec2 describe-network-interfaces --region "$region" --output json
  get "$region/volumes.json" aws ec2 describe-volumes --region "$region" --output json
  get "$region/flow-logs.json" aws ec2 describe-flow-logs --region "$region" --output json
  get "$region/ses-account.json" aws sesv2 get-account --region "$region" --output json
  get "$region/ses-identities.json" aws sesv2 list-email-identities --region "$region" --output json

  # GuardDuty's findings, if it is on.
  for detector in $(aws guardduty list-detectors --region "$region" --query 'DetectorIds[]' --output text 2>> "$log"); do
    aws guardduty list-findings --region "$region" --detector-id "$detector" --query 'FindingIds[]' --output text 2>> "$log" | tr '\t' '\n' | grep . | split -l 50 - "$out/$region-ids."
    for ids in "$out/$region-ids."*; do
      [ -f "$ids" ] || continue
      # shellcheck disable=SC2046
      get "$region/guardduty-${ids##*.}.json" aws guardduty get-findings --region "$region" --detector-id "$detector" --finding-ids $(cat "$ids") --output json
      rm -f "$ids"
    done
  done

  # Flow logs that go to CloudWatch Logs: the day around the notice, with the usual fields named above them.
  for group in $(aws ec2 describe-flow-logs --region "$region" --query 'FlowLogs[?LogDestinationType==`cloud-watch-logs`].LogGroupName' --output text 2>> "$log"); do
    begin=$(date -u -d "$to - 3 days" +%s)000; end=$(date -u -d "$to" +%s)000
    file="$out/$region/flow-$(echo "$group" | tr -c 'A-Za-z0-9\n' '-').log"
    mkdir -p "$out/$region"
    echo 'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status' > "$file"
    if aws logs filter-log-events --region "$region" --log-group-name "$group" --start-time "$begin" --end-time "$end" --query 'events[].message' --output text 2>> "$log" | tr '\t' '\n' | grep . >> "$file"; then
      echo "ok      $file (if the flow log has fields of its own, replace the first line by its format: see flow-logs.json)" | tee -a "$log"
    else
      echo "FAILED  $file: no records, or no permission" | tee -a "$log"; rm -f "$file"
    fi
  done
  # Flow logs that go to S3 are listed in flow-logs.json; copy the days around the notice with: aws s3 cp --recursive s3://BUCKET/AWSLogs/... "$out/$region/"
done

# What the named resources did and had done to them.
for id in $named; do
  for region in $regions; do
    get "$region/events-$id.json" aws cloudtrail lookup-events --region "$region" --lookup-attributes "AttributeKey=ResourceName,AttributeValue=$id" --start-time "$from" --end-time "$to" --output json
    case "$id" in AKIA*|ASIA*) get "$region/events-by-$id.json" aws cloudtrail lookup-events --region "$region" --lookup-attributes "AttributeKey=AccessKeyId,AttributeValue=$id" --output json ;; esac
  done
done

# The account: keys, users, notices in AWS Health (Health needs a Business or Enterprise support plan).
aws iam generate-credential-report > /dev/null 2>> "$log"; sleep 5
get "iam-credential-report.json" aws iam get-credential-report --output json
get "iam-users.json" aws iam list-users --output json
get "health-events.json" aws health describe-events --region us-east-1 --filter services=ABUSE,RISK --output json

zip -qr "$out.zip" "$out" && echo "
$out.zip is ready. Download it (CloudShell: Actions > Download file), then:
  abate respond notice.eml --evidence $out.zip
$out.zip ができました。ダウンロード（CloudShell の Actions > Download file）して、次を実行してください:
  abate respond notice.eml --evidence $out.zip --lang ja
Not in it: logs of the hosts (/var/log/auth.log or secure, web server logs). Copy these as well. / ホストのログは含まれません。別途コピーしてください。"
"#;
