package pain

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

const (
	maxDepth      = 64       // ISO 20022 needs about 20
	maxReportText = 10 << 10 // bytes of one text; ISO 20022 allows 500 characters
	maxInfo       = 500      // bytes of what the bank adds to one status
)

// Report is one payment status report.
type Report struct {
	Message   string // e.g. "pain.002.001.10"
	MessageID string // GrpHdr/MsgId
	Statuses  []Status
}

// Status is what the bank says about one transaction, or about all of a message
// or block that the report does not name one by one.
type Status struct {
	Line       int
	MessageID  string // of the order: OrgnlPmtInfId for a block, else OrgnlMsgId
	EndToEndID string // "" for the rest of the message
	Code       string // such as ACSC or RJCT
	Reason     string // code of the reason, "" when none is given
	Info       string // what the bank adds, at most 500 bytes
}

const (
	namespace   = "urn:iso:std:iso:20022:tech:xsd:"
	partly      = "PART" // some were accepted, some rejected: the transactions tell
	notProvided = "NOTPROVIDED"
)

var versions = []string{"pain.002.001.03", "pain.002.001.10"}

// ReadReport reads a whole report. Errors wrap ErrNotXML, ErrNotReport,
// ErrVersion, ErrStructure or ErrTooLarge.
func ReadReport(text []byte) (Report, error) {
	text = bytes.TrimPrefix(text, []byte("\xEF\xBB\xBF"))
	p := &reportParser{dec: xml.NewDecoder(bytes.NewReader(text))}
	p.dec.CharsetReader = func(string, io.Reader) (io.Reader, error) { return nil, ErrNotXML }
	for {
		token, err := p.dec.Token()
		switch {
		case errors.Is(err, io.EOF):
			return p.report, p.finish()
		case err != nil:
			return p.report, at(p.line(), ErrNotXML, "%s", syntaxOf(err))
		}
		if err := p.take(token); err != nil {
			return p.report, err
		}
	}
}

// syntaxOf is the decoder's complaint, unless it quotes the text around it.
func syntaxOf(err error) string {
	var syntax *xml.SyntaxError
	if !errors.As(err, &syntax) || strings.Contains(syntax.Msg, "entity") || !utf8.ValidString(syntax.Msg) {
		return "an element or character cannot be read"
	}
	return syntax.Msg
}

// level is what a message, a block or a transaction says of itself.
type level struct {
	line                     int
	id, status, reason, info string
}

// reportParser follows the open elements.
type reportParser struct {
	dec    *xml.Decoder
	report Report
	seen   bool // the report itself was met
	path   []string
	text   strings.Builder

	group, block, tx level
	blocks           int
	whole            []Status // about the rest of blocks, for the end
}

func (p *reportParser) line() int {
	line, _ := p.dec.InputPos()
	return line
}

func (p *reportParser) take(token xml.Token) error {
	switch t := token.(type) {
	case xml.StartElement:
		return p.open(t)
	case xml.EndElement:
		return p.close()
	case xml.CharData:
		if p.text.Len()+len(t) > maxReportText {
			return at(p.line(), ErrTooLarge, "a text of more than 10 kB")
		}
		p.text.Write(t)
	case xml.Directive:
		return at(p.line(), ErrNotXML, "remove the <!...> at the beginning")
	}
	return nil
}

func (p *reportParser) open(tag xml.StartElement) error {
	p.text.Reset()
	if len(p.path) == 0 {
		if err := p.recognise(tag.Name); err != nil {
			return err
		}
	}
	if len(p.path) >= maxDepth {
		return at(p.line(), ErrTooLarge, "elements are nested deeper than 64")
	}
	p.path = append(p.path, tag.Name.Local)
	switch p.place() {
	case "":
		p.seen = true
	case blockPath:
		p.block = level{line: p.line()}
		p.blocks++
	case txPath:
		p.tx = level{line: p.line()}
	}
	return nil
}

// recognise checks the root element.
func (p *reportParser) recognise(root xml.Name) error {
	name, found := strings.CutPrefix(root.Space, namespace)
	switch {
	case p.report.Message != "":
		return at(p.line(), ErrNotXML, "there are two root elements")
	case !found || root.Local != "Document" || !strings.HasPrefix(name, "pain.002.001."):
		return at(p.line(), ErrNotReport, "the root element must be Document in the namespace %spain.002.001.10", namespace)
	case name != versions[0] && name != versions[1]:
		return at(p.line(), ErrVersion, "it is of another one")
	}
	p.report.Message = name
	return nil
}

// The places of the report, below Document/CstmrPmtStsRpt.
const (
	bodyPath  = "Document/CstmrPmtStsRpt"
	groupPath = "OrgnlGrpInfAndSts"
	blockPath = "OrgnlPmtInfAndSts"
	txPath    = "OrgnlPmtInfAndSts/TxInfAndSts"
)

// place is the path of the innermost element below the report, "" for the
// report itself and a path that means nothing for elements outside of it.
func (p *reportParser) place() string {
	path := strings.Join(p.path, "/")
	if path == bodyPath {
		return ""
	}
	below, inside := strings.CutPrefix(path, bodyPath+"/")
	if !inside {
		return "/" + path
	}
	return below
}

func (p *reportParser) close() error {
	place := p.place()
	p.path = p.path[:len(p.path)-1]
	text := strings.TrimSpace(p.text.String())
	p.text.Reset()
	if err := p.store(place, text); err != nil {
		return err
	}
	switch place {
	case txPath:
		return p.endTransaction()
	case blockPath:
		return p.endBlock()
	}
	return nil
}

// store keeps a text that means something.
func (p *reportParser) store(place, text string) error {
	for _, l := range []struct {
		path, id, status string
		level            *level
	}{
		{txPath, "OrgnlEndToEndId", "TxSts", &p.tx},
		{blockPath, "OrgnlPmtInfId", "PmtInfSts", &p.block},
		{groupPath, "OrgnlMsgId", "GrpSts", &p.group},
	} {
		name, inside := strings.CutPrefix(place, l.path+"/")
		if !inside || text == "" {
			continue
		}
		switch name {
		case l.id:
			return p.set(&l.level.id, text, name)
		case l.status:
			return p.set(&l.level.status, text, name)
		case "StsRsnInf/Rsn/Cd", "StsRsnInf/Rsn/Prtry":
			l.level.reason = strings.TrimSpace(l.level.reason + " " + text)
		case "StsRsnInf/AddtlInf":
			l.level.info = strings.TrimSpace(l.level.info + " " + text)
		}
		return nil
	}
	if place == "GrpHdr/MsgId" {
		return p.set(&p.report.MessageID, text, "MsgId")
	}
	return nil
}

func (p *reportParser) set(field *string, text, name string) error {
	if *field != "" {
		return at(p.line(), ErrStructure, "%s stands there twice", name)
	}
	*field = text
	return nil
}

// endTransaction tells what the transaction has, or has from above.
func (p *reportParser) endTransaction() error {
	from := p.tx
	for _, above := range []level{p.block, p.group} {
		if from.status == "" {
			from.status, from.reason, from.info = above.status, above.reason, above.info
		}
	}
	switch {
	case p.tx.id == "" || strings.EqualFold(p.tx.id, notProvided):
		return nil // none of ours: our orders name each transaction
	case from.status == "" || from.status == partly:
		return at(p.tx.line, ErrStructure, "a transaction has no status")
	}
	p.report.Statuses = append(p.report.Statuses, p.statusOf(from, p.tx.line, p.group.id, p.tx.id))
	return nil
}

// endBlock keeps the judgement of a whole block for the end.
func (p *reportParser) endBlock() error {
	from := p.block
	if from.status == "" {
		from.status, from.reason, from.info = p.group.status, p.group.reason, p.group.info
	}
	if from.status != "" && from.status != partly && p.block.id != "" {
		p.whole = append(p.whole, p.statusOf(from, p.block.line, p.block.id, ""))
	}
	return nil
}

func (p *reportParser) statusOf(from level, line int, message, endToEnd string) Status {
	info := from.info[:min(len(from.info), maxInfo)]
	for !utf8.ValidString(info) {
		info = info[:len(info)-1]
	}
	return Status{Line: line, MessageID: message, EndToEndID: endToEnd, Code: from.status, Reason: from.reason, Info: info}
}

// finish adds what was said about whole messages.
func (p *reportParser) finish() error {
	switch {
	case len(p.path) > 0 || p.report.Message == "":
		return at(p.line(), ErrNotXML, "it ends early")
	case !p.seen || p.group.id == "":
		return at(p.line(), ErrStructure, "it does not say which message it is about (OrgnlMsgId)")
	}
	if p.blocks == 0 && p.group.status != "" && p.group.status != partly {
		p.whole = append(p.whole, p.statusOf(p.group, p.line(), p.group.id, ""))
	}
	p.report.Statuses = append(p.report.Statuses, p.whole...)
	return nil
}
