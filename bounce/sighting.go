package bounce

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/shortwire/shortwire/plugins/wire"
)

// Sighting is where a bank file told of a transfer, and what it told beside the
// transfer: it finds out which transfers are one payment.
type Sighting struct {
	Source string    // kind of the message, such as "camt.053"
	Usual  bool      // the account takes credits from this kind alone, as by default
	IDs    []string  // everything that the banks call the payment by; BankRef counts without being there
	Booked time.Time // booking date; zero: not told
}

const (
	// slack is by how many days two messages may differ about the date of what
	// may still be one payment: a weekend and two holidays.
	slack = 4
	// nearby is in how many days around its own date a payment is looked for.
	nearby = 10
	// memory is how many days back a payment is recognised for certain. Marks are
	// kept for longer (retention), those of transfers from before the account
	// took several messages are made for so long.
	memory = 60
)

// marks are what two sightings of the same amount are compared by. Names and
// texts are hashed: they are the payer's.
type marks struct {
	IDs        []string `json:"ids,omitempty"`
	Subjects   []string `json:"subjects,omitempty"` // what the text names
	Text       string   `json:"text,omitempty"`     // without case, blanks and punctuation
	Debtor     string   `json:"debtor,omitempty"`
	EndToEndID string   `json:"end_to_end_id,omitempty"`
	Booked     string   `json:"booked,omitempty"` // 2006-01-02
	Valued     string   `json:"valued,omitempty"` // value date, else booking date
}

// marksOf makes the marks of a transfer.
func marksOf(t *Transfer, s *Sighting, candidates []wire.Candidate) *marks {
	m := &marks{Text: mark(letters(t.Remittance)), EndToEndID: mark(t.Remittance.EndToEndID), Booked: dateText(s.Booked), Valued: dateText(t.ValueDate)}
	for _, id := range append([]string{t.BankRef}, s.IDs...) {
		if id = mark(id); !slices.Contains(m.IDs, id) {
			m.IDs = append(m.IDs, id)
		}
	}
	for _, c := range candidates {
		m.Subjects = append(m.Subjects, mark(string(c.Reference)+string(c.Key[:])))
	}
	slices.Sort(m.Subjects)
	if t.Debtor != nil {
		m.Debtor = mark(t.Debtor.Canonical())
	}
	return m
}

// mark stands for a text; "" for none.
func mark(text string) string {
	if text == "" {
		return ""
	}
	sum := sha256.Sum256([]byte("shortwire-mark-1\n" + text))
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}

// letters is what is left of a remittance when banks have filled, broken and
// re-cased it.
func letters(r wire.Remittance) string {
	r.EndToEndID = ""
	return strings.Map(func(c rune) rune {
		if unicode.IsLetter(c) || unicode.IsDigit(c) {
			return unicode.ToUpper(c)
		}
		return -1
	}, strings.Join(texts(r), ""))
}

func dateText(day time.Time) string {
	if day.IsZero() {
		return ""
	}
	return day.Format(time.DateOnly)
}

// day is the date that stands for the sighting; zero when none was told.
func (m *marks) day() time.Time { return dateOf(cmp.Or(m.Booked, m.Valued)) }

// likeness is what two sightings of the same amount are to each other.
type likeness int

const (
	different likeness = iota // two payments
	doubtful                  // nothing says that they are two, and too little that they are one
	same                      // one payment
)

// compare is the whole of what makes a sighting one more of the payment of which
// the others are. What is told twice must agree. Then a common id is enough, and
// so is it that all the rest is the same and something of it there. What is told
// once only leaves a doubt.
func (m *marks) compare(others []*marks) likeness {
	var alike, clash bool
	for _, o := range others {
		alike = alike || share(m.IDs, o.IDs) || m.agrees(o)
		clash = clash || m.clashes(o)
	}
	switch {
	case alike && !clash:
		return same
	case len(others) == 0, clash && !alike:
		return different
	}
	return doubtful // a clash under a common id: one UETR may be that of a whole batch
}

// clashes tells that both say something, and not the same.
func (m *marks) clashes(o *marks) bool {
	return unlike(m.Debtor, o.Debtor) || unlike(m.EndToEndID, o.EndToEndID) ||
		len(m.Subjects) > 0 && len(o.Subjects) > 0 && !share(m.Subjects, o.Subjects) ||
		m.apart(o) > slack
}

// agrees tells that both say the same, and enough of it. Where both texts name
// subjects, their spelling does not count.
func (m *marks) agrees(o *marks) bool {
	texts := m.Text == o.Text || len(m.Subjects) > 0
	return texts && slices.Equal(m.Subjects, o.Subjects) && m.Debtor == o.Debtor && m.EndToEndID == o.EndToEndID &&
		m.Text+m.Debtor+m.EndToEndID != "" && m.apart(o) == 0
}

// apart is the number of days between the dates of two sightings: the booking
// dates when both tell theirs, since a value date may be corrected; else the
// nearest two. Without dates it is one, which is neither equal nor a clash.
func (m *marks) apart(o *marks) int {
	if m.Booked != "" && o.Booked != "" {
		return days(m.Booked, o.Booked)
	}
	least := -1
	for _, a := range []string{m.Booked, m.Valued} {
		for _, b := range []string{o.Booked, o.Valued} {
			if n := days(a, b); a != "" && b != "" && (least < 0 || n < least) {
				least = n
			}
		}
	}
	if least < 0 {
		return 1
	}
	return least
}

func days(a, b string) int {
	return int(dateOf(a).Sub(dateOf(b)).Abs().Hours()) / 24
}

// dateOf reads what dateText wrote.
func dateOf(text string) time.Time {
	day, _ := time.Parse(time.DateOnly, text)
	return day
}

func unlike(a, b string) bool { return a != "" && b != "" && a != b }

func share(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

// known is a transfer with its sightings.
type known struct {
	storedTransfer
	here  bool     // the message at hand told of it, or one of its kind
	marks []*marks // those that are kept
}

// recognise decides which of the transfers of the same amount, oldest first, is
// the one that a message tells of. One that was told by this kind of message before
// is another payment, however alike: so the n-th of several equal ones in one
// message is the n-th in another. What was booked longer ago than is remembered
// is doubtful at least, as is what has no date.
func recognise(m *marks, among []*known, now time.Time) (*known, likeness) {
	var best *known
	like := different
	for _, k := range among {
		if k.here {
			continue
		}
		if l := m.compare(k.marks); l > like {
			best, like = k, l
		}
	}
	if like == different && m.day().Before(now.AddDate(0, 0, -memory)) {
		return nil, doubtful
	}
	return best, like
}
