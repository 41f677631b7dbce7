//! `enable-flow-logs`: be able to say what left an address, and what did not.

use abate_model::{Phase, Text};

use super::Action;

/// See the module.
pub(crate) static ACTION: Action = Action {
    id: "enable-flow-logs",
    phase: Phase::Prevent,
    when: |facts| facts.unless_innocent(),
    whole: Text::fixed("the reported resource", "報告されたリソース"),
    title: Text::fixed(
        "Switch on VPC Flow Logs for every VPC, all traffic",
        "すべての VPC で、全トラフィックの VPC フローログを有効にする",
    ),
    done_text: Text::fixed("We switched on VPC Flow Logs for all VPCs.", "すべての VPC で VPC フローログを有効にしました。"),
    why: Text::fixed(
        "Only flow logs can prove that reported traffic did or did not come from you.",
        "報告された通信が自社のものかどうかを示せるのは、フローログだけである。",
    ),
    risk: Text::fixed("They cost money in proportion to traffic.", "通信量に応じた費用がかかる。"),
    undo: Text::fixed(
        "aws ec2 delete-flow-logs --region {region} --flow-log-ids ID",
        "aws ec2 delete-flow-logs --region {region} --flow-log-ids ID",
    ),
    how: Text::fixed(
        "aws ec2 create-flow-logs --region {region} --resource-type VPC --resource-ids VPC --traffic-type ALL --log-destination-type s3 --log-destination arn:aws:s3:::BUCKET --max-aggregation-interval 60",
        "aws ec2 create-flow-logs --region {region} --resource-type VPC --resource-ids VPC --traffic-type ALL --log-destination-type s3 --log-destination arn:aws:s3:::BUCKET --max-aggregation-interval 60",
    ),
};
