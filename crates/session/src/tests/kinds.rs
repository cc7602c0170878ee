//! A kind that is one row and one file, through the messages of the page.

use super::driver::Driver;
use protocol::pages::explain;
use protocol::{PageQuery, Reply, Request, View};
use text::FileId;

const CLASS: &str = "apiVersion: storage.k8s.io/v1
kind: VolumeAttributesClass
metadata: {name: gold}
driverName: csi.example.com
parameters: {iops: '4000'}
";

#[test]
fn a_row_of_the_table_is_known_to_every_part() {
    let mut driver = Driver::with_files(&[("class.yaml", CLASS)]);
    let refusal = |driver: &Driver| {
        let applied = &driver.session.stored.applied;
        applied.refused().find_map(|object| object.refusal.clone())
    };
    assert_eq!(refusal(&driver), None);

    let file = FileId(1);
    let offset = CLASS.find("driverName").expect("the key") as u32;
    let reply = driver.send(Request::Hover { file, offset });
    let Reply::Hover(Some(card)) = reply else { panic!("{reply:?}") };
    assert!(card.body.iter().any(|text| text.contains("CSI driver")), "{:?}", card.body);
    let query = explain::Query { file, offset };
    let View::Explain(view) = driver.watch(PageQuery::Explain(query)) else { panic!("explain") };
    assert_eq!(view.stored.map(|object| object.kind).as_deref(), Some("VolumeAttributesClass"));

    let text = format!("{CLASS}d");
    let mut typing =
        Driver::with_files(&[("class.yaml", &text.replace("driverName: csi.example.com\n", ""))]);
    let offset = typing.workspace.files[0].text.len() as u32;
    let reply = typing.send(Request::Complete { file, offset });
    let Reply::Completions(Some(found)) = reply else { panic!("{reply:?}") };
    assert!(found.items.iter().any(|item| item.label == "driverName"), "{:?}", found.items);

    driver.edit("class.yaml", "iops: '4000'", "iops: '5000'");
    let [refused] = &driver.stored.refused[..] else { panic!("{:?}", driver.stored) };
    assert!(
        refused.message.ends_with("parameters: Forbidden: updates to parameters are forbidden.")
    );
    let fresh = Driver::with_files(&[("class.yaml", &CLASS.replace("{iops: '4000'}", "{}"))]);
    assert_eq!(
        refusal(&fresh).as_deref(),
        Some(
            "The VolumeAttributesClass \"gold\" is invalid: parameters: Required value: must contain at least one key/value pair"
        )
    );
}
