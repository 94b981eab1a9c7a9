package reports

import (
	"slices"

	"github.com/shopspring/decimal"

	"guanxi/access"
)

// Documents is the dataset with one fact per document. Sources: d is the document, c its customer.
var Documents = &Dataset{
	Name: "documents", Noun: "Document", Label: say("Documents", "文档"),
	Sentence: say(
		"Documents that the viewer sees, each counted once with its present revision. Empty and hidden values are unknown.",
		"查看者可见的文档，每个按当前版本只计一次。空值与不可见的值均为未知。"),
	Kind: access.Document, Alias: "d",
	Clocks: documentClocks, Measures: documentMeasures,
	Dimensions: slices.Concat([]*Dimension{
		{Name: "CATEGORY", Label: say("Category", "类别"), Type: RecordKeys, Key: "d.category_id", Of: access.DictionaryEntry},
		{Name: "RESTRICTED", Label: say("With a list of readers", "限定读者"), Type: ChoiceKeys, Key: "d.restricted::text", List: yesNo},
		{Name: "UPLOADED_BY", Label: say("Uploaded by", "上传人"), Type: RecordKeys, Key: "d.uploaded_by", Of: access.User},
		{Name: "OPPORTUNITY_STATUS", Label: say("Status of the opportunity", "商机状态"), Type: ChoiceKeys, Key: "o.status", From: "opportunity", List: statuses},
	}, ownerDimensions("d"), customerDimensions, timeDimensions(documentClocks...)),
	sources: append(append(ownerSources("d"), customerSources("d")...), seen("opportunity", access.Opportunity, "o", "o.id = d.opportunity_id")),
	covered: []covered{{"customer", "customer"}, {"category", "category"}},
	values: []*value{
		{name: "owner", text: "d.owner_id", cast: "uuid"},
		{name: "customer", text: "c.id", cast: "uuid", from: []string{"customer"}},
		{name: "opportunity", text: "o.id", cast: "uuid", from: []string{"opportunity"}},
		{name: "category", text: "d.category_id", cast: "uuid"},
		{name: "restricted", text: "d.restricted", cast: "boolean"},
		{name: "size", text: "d.size", cast: "bigint"},
		{name: "revision", text: "d.revision", cast: "integer"},
	},
}

var documentClocks = []*Clock{
	{Name: AtClock, Past: say("uploaded", "上传"), Column: "d.uploaded_at"},
	{Name: CreatedClock, Past: say("entered", "录入"), Column: "d.created_at"},
}

var documentMeasures = []*Measure{
	whole("count", say("Documents", "文档数"), say("How many documents.", "文档数量。"), number{all}),
	whole("restricted", say("With a list of readers", "限定读者"), say("How many are only for those on a list.", "仅限名单内读者的数量。"), number{&component{name: "is_restricted", when: condition{of: "restricted"}}}),
	{Name: "size", Label: say("Size", "大小"), Sentence: say("Bytes of the present revisions added up.", "当前版本的字节数之和。"), Unit: BytesUnit, form: quantityOf("size")},
	{Name: "averageSize", Label: say("Average size", "平均大小"), Sentence: say("Bytes of the present revisions, on average.", "当前版本字节数的平均值。"), Unit: BytesUnit, Denominator: stored, form: meanOf("size")},
	{Name: "medianSize", Label: say("Median size", "大小中位数"), Sentence: say("Bytes of the present revision in the middle.", "当前版本字节数的中位数。"), Unit: BytesUnit, Denominator: stored, form: placed{medianOf("size")}},
	{Name: "averageRevision", Label: say("Average revision", "平均版本"), Sentence: say("The number of the present revision, on average.", "当前版本号的平均值。"), Unit: PlainUnit, Denominator: stored, form: meanOf("revision")},
	different("customers", say("Customers", "客户数"), "customer"),
	different("opportunities", say("Opportunities", "商机数"), "opportunity"),
	different("owners", say("Owners", "负责人数"), "owner"),
}

var stored = say("All documents.", "全部文档。")

// DocumentReportRow is a row of a report on documents.
type DocumentReportRow struct {
	*Row
	Previous                                            *DocumentReportRow
	Count, Restricted, Customers, Opportunities, Owners int
	Size                                                *decimal.Decimal
	AverageSize, MedianSize, AverageRevision            *float64
}

// DocumentReport is a report on documents.
type DocumentReport = Shaped[DocumentReportRow]
