package camt

import "strings"

// field is a text of the message that means something to us. Where a field is
// allowed once, a second one makes the message contradict its definition.
type field uint8

const (
	noField field = iota

	// of the message
	messageID
	headerInfo

	// of a report (Ntfctn, Stmt, Rpt)
	accountIBAN

	// of an entry and of a transaction alike
	servicerRef
	amount
	direction
	bankCode

	// of an entry
	entryRef
	reversal
	statusText
	statusCode
	statusOther
	bookingDate
	bookingTime
	valueDate
	valueTime

	// of a transaction
	uetr
	transactionID
	endToEndID
	proprietaryRef // may repeat; the first counts
	transactionAmount
	debtorName
	debtorIBAN
	creditorIBAN
	unstructured // may repeat
	structured   // may repeat
	additional   // may repeat
	returned     // an element that counts by being there, whatever it holds
)

// role is what an element does beside holding texts.
type role uint8

const (
	plain role = iota
	bodyRole
	reportRole
	entryRole
	detailsRole
	transactionRole
)

// node is an element of the message that is read; elements without a node are
// skipped with all they hold.
type node struct {
	name     string
	children map[string]*node
	field    field
	level    role // the bodyRole, reportRole, entryRole or transactionRole that owns the field
	role     role
}

type path struct {
	path  string
	field field
}

// The paths are those of ISO 20022 in version .04 and .08 and, where the
// versions differ, of both: banks mix them.
var (
	bodyPaths = []path{
		{"GrpHdr/MsgId", messageID},
		{"GrpHdr/AddtlInf", headerInfo},
	}
	reportPaths = []path{
		{"Acct/Id/IBAN", accountIBAN},
	}
	entryPaths = []path{
		{"NtryRef", entryRef},
		{"Amt", amount},
		{"CdtDbtInd", direction},
		{"RvslInd", reversal},
		{"Sts", statusText},    // .04
		{"Sts/Cd", statusCode}, // .08
		{"Sts/Prtry", statusOther},
		{"BookgDt/Dt", bookingDate},
		{"BookgDt/DtTm", bookingTime},
		{"ValDt/Dt", valueDate},
		{"ValDt/DtTm", valueTime},
		{"AcctSvcrRef", servicerRef},
		{"BkTxCd/Domn/Fmly/SubFmlyCd", bankCode},
	}
	transactionPaths = []path{
		{"Refs/AcctSvcrRef", servicerRef},
		{"Refs/UETR", uetr}, // .08
		{"Refs/TxId", transactionID},
		{"Refs/EndToEndId", endToEndID},
		{"Refs/Prtry/Ref", proprietaryRef},
		{"Amt", amount},
		{"CdtDbtInd", direction},
		{"AmtDtls/TxAmt/Amt", transactionAmount},
		{"BkTxCd/Domn/Fmly/SubFmlyCd", bankCode},
		{"RltdPties/Dbtr/Nm", debtorName},                // .04
		{"RltdPties/Dbtr/Pty/Nm", debtorName},            // .08
		{"RltdPties/Dbtr/Agt/FinInstnId/Nm", debtorName}, // .08, the payer is a bank
		{"RltdPties/DbtrAcct/Id/IBAN", debtorIBAN},       // never UltmtDbtr: money goes back to the account it came from
		{"RltdPties/CdtrAcct/Id/IBAN", creditorIBAN},
		{"RmtInf/Ustrd", unstructured},
		{"RmtInf/Strd/CdtrRefInf/Ref", structured},
		{"RmtInf/Strd/AddtlRmtInf", additional},
		{"RtrInf", returned},
	}
)

// newTree returns what is read of a message, from its Document on.
func newTree(bodyName, reportName string) *node {
	document := &node{name: "Document"}
	body := document.grow(bodyName, plain)
	body.role = bodyRole
	body.growAll(bodyPaths)
	report := body.grow(reportName, plain)
	report.role = reportRole
	report.growAll(reportPaths)
	entry := report.grow("Ntry", plain)
	entry.role = entryRole
	entry.growAll(entryPaths)
	entry.grow("NtryDtls", plain).role = detailsRole
	transaction := entry.grow("NtryDtls/TxDtls", plain)
	transaction.role = transactionRole
	transaction.growAll(transactionPaths)
	return document
}

func (n *node) growAll(paths []path) {
	for _, p := range paths {
		n.grow(p.path, n.role).field = p.field
	}
}

// grow returns the node at the end of path below n, with new nodes on the way
// where there are none.
func (n *node) grow(path string, level role) *node {
	for name := range strings.SplitSeq(path, "/") {
		child := n.children[name]
		if child == nil {
			child = &node{name: name, level: level}
			if n.children == nil {
				n.children = make(map[string]*node)
			}
			n.children[name] = child
		}
		n = child
	}
	return n
}
