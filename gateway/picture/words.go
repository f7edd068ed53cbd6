package picture

import "fmt"

// words are the headings of a bill in one language (SIX, Implementation Guidelines
// for the QR-bill v2.3, annex C), and of a card.
type words struct {
	paymentPart, receipt, account, reference, information, payableBy string
	currency, amount, acceptancePoint                                string
	scan, message                                                    string // on cards
}

// languages are those of the guidelines.
var languages = map[string]words{
	"de": {
		"Zahlteil", "Empfangsschein", "Konto / Zahlbar an", "Referenz", "Zusätzliche Informationen",
		"Zahlbar durch (Name/Adresse)", "Währung", "Betrag", "Annahmestelle",
		"Zum Bezahlen scannen", "Mitteilung",
	},
	"fr": {
		"Section paiement", "Récépissé", "Compte / Payable à", "Référence", "Informations supplémentaires",
		"Payable par (nom/adresse)", "Monnaie", "Montant", "Point de dépôt",
		"Scanner pour payer", "Communication",
	},
	"it": {
		"Sezione pagamento", "Ricevuta", "Conto / Pagabile a", "Riferimento", "Informazioni supplementari",
		"Pagabile da (nome/indirizzo)", "Valuta", "Importo", "Punto di accettazione",
		"Scansionare per pagare", "Comunicazione",
	},
	"en": {
		"Payment part", "Receipt", "Account / Payable to", "Reference", "Additional information",
		"Payable by (name/address)", "Currency", "Amount", "Acceptance point",
		"Scan to pay", "Message",
	},
}

// usualLanguage is that of pictures for which nobody named one.
const usualLanguage = "en"

func wordsOf(language string) (words, error) {
	if language == "" {
		language = usualLanguage
	}
	w, ok := languages[language]
	if !ok {
		return w, fmt.Errorf("%w: write de, fr, it or en", ErrLanguage)
	}
	return w, nil
}
