package pain

import "encoding/xml"

// The message pain.001, as far as we fill it. The order of the fields is the
// order of the elements, which the schema demands. What differs between version
// .03 and .09 stands in both ways, one of which is empty.
type (
	document struct {
		XMLName    xml.Name
		Initiation initiation `xml:"CstmrCdtTrfInitn"`
	}
	initiation struct {
		Header      groupHeader `xml:"GrpHdr"`
		Instruction instruction `xml:"PmtInf"`
	}
	groupHeader struct {
		MessageID string `xml:"MsgId"`
		Created   string `xml:"CreDtTm"`
		Count     string `xml:"NbOfTxs"`
		Sum       string `xml:"CtrlSum,omitempty"`
		Initiator party  `xml:"InitgPty"`
	}
	instruction struct {
		ID            string        `xml:"PmtInfId"`
		Method        string        `xml:"PmtMtd"`
		Count         string        `xml:"NbOfTxs"`
		Sum           string        `xml:"CtrlSum,omitempty"`
		Execution     day           `xml:"ReqdExctnDt"`
		Debtor        party         `xml:"Dbtr"`
		DebtorAccount account       `xml:"DbtrAcct"`
		DebtorAgent   agent         `xml:"DbtrAgt"`
		Transactions  []transaction `xml:"CdtTrfTxInf"`
	}
	transaction struct {
		ID              identification `xml:"PmtId"`
		Type            *paymentType   `xml:"PmtTpInf"`
		Amount          instructed     `xml:"Amt"`
		Charges         string         `xml:"ChrgBr,omitempty"`
		CreditorAgent   *agent         `xml:"CdtrAgt"`
		Creditor        party          `xml:"Cdtr"`
		CreditorAccount account        `xml:"CdtrAcct"`
		Remittance      *remittance    `xml:"RmtInf"`
	}
	identification struct {
		Instruction string `xml:"InstrId"`
		EndToEnd    string `xml:"EndToEndId"`
	}
	paymentType struct {
		Level code `xml:"SvcLvl"`
	}
	code struct {
		Code string `xml:"Cd"`
	}
	instructed struct {
		Amount money `xml:"InstdAmt"`
	}
	money struct {
		Currency string `xml:"Ccy,attr"`
		Text     string `xml:",chardata"`
	}
	party struct {
		Name string `xml:"Nm"`
	}
	day struct {
		Text string `xml:",chardata"`    // .03
		Date string `xml:"Dt,omitempty"` // .09
	}
	account struct {
		ID accountID `xml:"Id"`
	}
	accountID struct {
		IBAN  string `xml:"IBAN,omitempty"`
		Other *other `xml:"Othr"`
	}
	other struct {
		ID string `xml:"Id"`
	}
	agent struct {
		Institution institution `xml:"FinInstnId"`
	}
	institution struct {
		OldBIC   string    `xml:"BIC,omitempty"`   // .03
		BIC      string    `xml:"BICFI,omitempty"` // .09
		Clearing *clearing `xml:"ClrSysMmbId"`
		Other    *other    `xml:"Othr"`
	}
	clearing struct {
		System code   `xml:"ClrSysId"`
		Member string `xml:"MmbId"`
	}
	remittance struct {
		Text       string      `xml:"Ustrd,omitempty"`
		Structured *structured `xml:"Strd"`
	}
	structured struct {
		Info referenceInfo `xml:"CdtrRefInf"`
	}
	referenceInfo struct {
		Type      referenceType `xml:"Tp"`
		Reference string        `xml:"Ref"`
	}
	referenceType struct {
		Kind codeOrOther `xml:"CdOrPrtry"`
	}
	codeOrOther struct {
		Code        string `xml:"Cd,omitempty"`
		Proprietary string `xml:"Prtry,omitempty"`
	}
)
