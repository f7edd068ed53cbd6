package pain

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// allowed is the character set that every bank of the SEPA and of Switzerland
// takes (EPC217-08; Swiss Payment Standards, Implementation Guidelines for
// credit transfers, "character set").
const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-?:().,'+ "

// spelled are letters and signs that do not become allowed by taking their
// accents away.
var spelled = strings.NewReplacer(
	"ä", "ae", "ö", "oe", "ü", "ue", "Ä", "Ae", "Ö", "Oe", "Ü", "Ue", "ß", "ss", "ẞ", "SS",
	"æ", "ae", "Æ", "AE", "œ", "oe", "Œ", "OE", "ø", "o", "Ø", "O", "ł", "l", "Ł", "L",
	"đ", "d", "Đ", "D", "ð", "d", "Ð", "D", "þ", "th", "Þ", "TH", "ı", "i",
	"&", "+", "_", "-", "~", "-", "–", "-", "—", "-", ";", ",", `"`, "'", "`", "'", "´", "'", "‘", "'", "’", "'",
	"“", "'", "”", "'", "[", "(", "]", ")", "{", "(", "}", ")", "<", "(", ">", ")", `\`, "/", "|", "/",
)

// Latin spells a text in the characters that banks take: letters lose their
// accents, other signs become their nearest relatives or a full stop. Runs of
// blanks become one. A text of these characters comes out as it was.
func Latin(text string) string {
	var out strings.Builder
	for _, r := range norm.NFKD.String(spelled.Replace(norm.NFC.String(text))) {
		switch {
		case strings.ContainsRune(allowed, r):
			out.WriteRune(r)
		case unicode.IsSpace(r) || unicode.IsControl(r):
			out.WriteByte(' ')
		case !unicode.Is(unicode.Mn, r):
			out.WriteByte('.')
		}
	}
	return strings.Join(strings.Fields(out.String()), " ")
}

// line is a text of at most n characters for a bank.
func line(text string, n int) string {
	text = Latin(text)
	return strings.TrimSpace(text[:min(len(text), n)])
}
