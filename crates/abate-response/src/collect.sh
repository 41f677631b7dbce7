#!/usr/bin/env bash
# Collects evidence for an AWS abuse notice. Run it in AWS CloudShell, in the account that the notice names:
#   bash collect.sh
# It only reads (describe, list, get, lookup, filter, copy from S3 to here). The one exception makes AWS generate the
# IAM credential report, which changes nothing. What worked and what did not, with the reason, is written into
# abate-collect.log. Nothing leaves the account until you download the result.
#
# AWS の不正利用通知のための証跡を収集します。通知に記載されたアカウントの AWS CloudShell で実行してください:
#   bash collect.sh
# 読み取りだけを行います（describe・list・get・lookup・filter、S3 からのコピー）。例外は IAM 認証情報レポートの生成のみで、
# 設定は変わりません。成功・失敗とその理由は abate-collect.log に記録されます。ダウンロードするまで、データは外に出ません。

set -u -o pipefail
export AWS_PAGER="" LC_ALL=C

account='@ACCOUNT@'          # account of the notice; empty if it was masked / 通知のアカウント（伏せられていれば空）
regions='@REGIONS@'          # Regions of the notice; empty: all / 通知のリージョン（空なら全リージョン）
from='@FROM@'                # events from here / イベントの開始
to='@TO@'                    # events until here / イベントの終了
flow_from='@FLOW_FROM@'      # flow logs from here / フローログの開始
flow_to='@FLOW_TO@'          # flow logs until here / フローログの終了
named='@NAMED@'              # what the notice names / 通知が名指しするもの
@LEFT_OUT@
out='abate-evidence-@CASE@'

mkdir -p "$out" || exit 1
log="$out/abate-collect.log"
: > "$log"

say() { echo "$*" | tee -a "$log"; }
why() { tr '\n' ' ' < "$out/.error" | cut -c1-300; }

# get FILE COMMAND...: runs a command, keeps its output, notes success or the reason of failure.
get() {
  local file="$out/$1"
  shift
  mkdir -p "$(dirname "$file")"
  if "$@" > "$file" 2> "$out/.error"; then
    say "ok      $file"
  else
    say "FAILED  $file: $(why)"
    rm -f "$file"
    return 1
  fi
}

# days: the days of the flow window, as in the folders of an S3 bucket.
days() {
  local day="${flow_from%%T*}"
  while [[ ! "$day" > "${flow_to%%T*}" ]]; do
    echo "${day//-//}"
    day=$(date -u -d "$day + 1 day" +%Y-%m-%d) || return 1
  done
}

say "abate-collect.sh, $(date -u +%Y-%m-%dT%H:%M:%SZ)"
here=$(aws sts get-caller-identity --query Account --output text 2> "$out/.error")
if [ -z "$here" ]; then
  say "FAILED  no AWS credentials here / 認証情報がありません: $(why)"
  exit 1
fi
if [ -n "$account" ] && [ "$here" != "$account" ]; then
  say "WARNING the notice names account $account, this is $here / 警告: 通知のアカウント $account と異なります（ここは $here）"
fi
if [ -z "$regions" ]; then
  regions=$(aws ec2 describe-regions --region us-east-1 --query 'Regions[].RegionName' --output text 2> "$out/.error") || {
    say "FAILED  list of Regions, using us-east-1 only / リージョン一覧を取得できないため us-east-1 のみ: $(why)"
    regions=us-east-1
  }
fi
# IAM, root sign-in and other global services write their events in us-east-1.
case " $regions " in *[[:space:]]us-east-1[[:space:]]*) event_regions="$regions" ;; *) event_regions="$regions us-east-1" ;; esac
say "account $here, Regions $regions, events $from to $to, flow logs $flow_from to $flow_to"
if [[ "$from" < "$(date -u -d '90 days ago' +%Y-%m-%dT%H:%M:%SZ)" ]]; then
  say "WARNING Event history reaches back 90 days only; for what is older use a trail's bucket / 警告: イベント履歴は 90 日分のみです"
fi

# 1. What is there now: it changes by the minute, so it comes first.
for region in $regions; do
  get "$region/instances.json" aws ec2 describe-instances --region "$region" --output json
  get "$region/addresses.json" aws ec2 describe-addresses --region "$region" --output json
  get "$region/network-interfaces.json" aws ec2 describe-network-interfaces --region "$region" --output json
  get "$region/security-groups.json" aws ec2 describe-security-groups --region "$region" --output json
  get "$region/volumes.json" aws ec2 describe-volumes --region "$region" --output json
  get "$region/nat-gateways.json" aws ec2 describe-nat-gateways --region "$region" --output json
  get "$region/flow-logs.json" aws ec2 describe-flow-logs --region "$region" --output json
  get "$region/trails.json" aws cloudtrail describe-trails --region "$region" --output json
  get "$region/ses-account.json" aws sesv2 get-account --region "$region" --output json
  get "$region/ses-identities.json" aws sesv2 list-email-identities --region "$region" --output json
  get "$region/ses-statistics.json" aws ses get-send-statistics --region "$region" --output json
done

# 2. Event history: management events. A busy account takes some minutes (AWS allows two requests a second).
for region in $event_regions; do
  get "$region/event-history.json" aws cloudtrail lookup-events --region "$region" --start-time "$from" --end-time "$to" --output json
done
for id in $named; do
  for region in $event_regions; do
    case "$id" in
      AKIA*|ASIA*) get "$region/events-by-key-$id.json" aws cloudtrail lookup-events --region "$region" --lookup-attributes "AttributeKey=AccessKeyId,AttributeValue=$id" --output json ;;
      *) get "$region/events-on-${id//:/-}.json" aws cloudtrail lookup-events --region "$region" --lookup-attributes "AttributeKey=ResourceName,AttributeValue=$id" --output json ;;
    esac
  done
  case "$id" in AKIA*) get "key-$id-last-used.json" aws iam get-access-key-last-used --access-key-id "$id" --output json ;; esac
done

# 3. GuardDuty's findings, where it is on.
for region in $regions; do
  get "$region/guardduty-detectors.txt" aws guardduty list-detectors --region "$region" --query 'DetectorIds[]' --output text || continue
  detectors=$(cat "$out/$region/guardduty-detectors.txt")
  rm -f "$out/$region/guardduty-detectors.txt"
  [ -n "$detectors" ] || say "none    $region: GuardDuty is not on / GuardDuty は無効です"
  for detector in $detectors; do
    get "$region/guardduty-ids.txt" aws guardduty list-findings --region "$region" --detector-id "$detector" --query 'FindingIds[]' --output text || continue
    # get-findings takes 50 ids at a time.
    tr '\t' '\n' < "$out/$region/guardduty-ids.txt" | grep -E '^[0-9a-f]+$' | split -l 50 - "$out/.ids." || true
    for ids in "$out"/.ids.*; do
      [ -f "$ids" ] || continue
      # shellcheck disable=SC2046
      get "$region/guardduty-findings-${ids##*.}.json" aws guardduty get-findings --region "$region" --detector-id "$detector" --finding-ids $(cat "$ids") --output json
      rm -f "$ids"
    done
    rm -f "$out/$region/guardduty-ids.txt"
  done
done

# 4. Flow logs of the days around the report: where they go stands in flow-logs.json.
for region in $regions; do
  list="$out/.flows"
  if ! aws ec2 describe-flow-logs --region "$region" --query 'FlowLogs[].[LogDestinationType,LogGroupName,LogDestination,LogFormat]' --output text > "$list" 2> "$out/.error"; then
    say "FAILED  flow logs of $region: $(why)"
    continue
  fi
  [ -s "$list" ] || say "none    $region: no VPC Flow Logs / VPC フローログがありません"
  sort -u "$list" | while IFS=$'\t' read -r kind group destination format; do
    case "$kind" in
      cloud-watch-logs)
        file="$region/flow-$(printf '%s' "$group" | tr -c 'A-Za-z0-9' '-').log"
        get "$file" aws logs filter-log-events --region "$region" --log-group-name "$group" --start-time "$(date -u -d "$flow_from" +%s)000" --end-time "$(date -u -d "$flow_to" +%s)000" --query 'events[].[message]' --output text < /dev/null || continue
        # The records come without their field names: put those above them.
        { printf '%s\n' "$format" | tr -d '${}'; cat "$out/$file"; } > "$out/.flow" && mv "$out/.flow" "$out/$file"
        ;;
      s3)
        bucket="${destination#arn:aws*:s3:::}"
        days | while read -r day; do
          get "$region/.copied" aws s3 cp --recursive --no-progress "s3://${bucket%/}/AWSLogs/$here/vpcflowlogs/$region/$day/" "$out/$region/flow-$day/" < /dev/null \
            && say "copied  $(wc -l < "$out/$region/.copied") file(s) of flow logs of $day, $region"
          rm -f "$out/$region/.copied"
        done
        ;;
      *) say "none    $region: flow logs go to $kind, fetch them by hand / 手作業で取得してください" ;;
    esac
  done
done

# 5. The account: keys, users, roles, notices in AWS Health (Health needs a Business or Enterprise support plan).
for _ in 1 2 3 4 5 6 7 8 9 10; do
  state=$(aws iam generate-credential-report --query State --output text 2> "$out/.error") || break
  [ "$state" = COMPLETE ] && break
  sleep 3
done
credential_report() { aws iam get-credential-report --query Content --output text | base64 -d; }
get "iam-credential-report.csv" credential_report
get "iam-account-summary.json" aws iam get-account-summary --output json
get "iam-authorization-details.json" aws iam get-account-authorization-details --output json
if get "health-events.json" aws health describe-events --region us-east-1 --filter 'services=ABUSE,RISK' --output json; then
  if get ".arns" aws health describe-events --region us-east-1 --filter 'services=ABUSE,RISK' --query 'events[:10].arn' --output text; then
    for arn in $(cat "$out/.arns"); do
      get "health-$(printf '%s' "$arn" | tr -c 'A-Za-z0-9' '-' | tail -c 60).json" aws health describe-event-details --region us-east-1 --event-arns "$arn" --output json
    done
  fi
fi

rm -f "$out/.error" "$out/.flows" "$out/.arns"
failed=$(grep -c '^FAILED' "$log")
good=$(grep -c '^ok' "$log")
say "done: $good ok, $failed failed / 成功 $good 件、失敗 $failed 件"
file="$out.zip"
if command -v zip > /dev/null; then
  rm -f "$file"
  zip -qr "$file" "$out"
else
  file="$out.tar.gz"
  tar czf "$file" "$out"
fi || { echo "FAILED  could not pack $out"; exit 1; }

cat << END

$file is ready. Download it (CloudShell: Actions > Download file), then run:
  abate respond NOTICE --evidence $file
Not in it: the logs of the hosts (/var/log/auth.log or secure, web server logs). Copy those as well.
What failed stands in $log; a missing permission or an unused service is the usual reason.

$file ができました。ダウンロード（CloudShell の Actions > Download file）して、次を実行してください:
  abate respond 通知ファイル --evidence $file --lang ja
ホストのログ（/var/log/auth.log または secure、ウェブサーバーのログ）は含まれません。別途コピーしてください。
失敗したものは $log にあります。多くは権限の不足か、未使用のサービスです。
END
