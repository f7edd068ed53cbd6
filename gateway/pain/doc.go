// Package pain writes ISO 20022 payment orders (pain.001.001.09).
//
// One lease of payments is one message with one PmtInf, all paid on the day of
// the message. MsgId and PmtInfId are the name of the lease, so that a status
// report about the whole message finds its payments; EndToEndId is the one that
// follows from the payment, so that the bank's own check for doubles and every
// later statement know it; InstrId is its number at bank/outgoing.
//
// What it writes fits the published schema and the narrower rules that banks
// put on top of it: the character set of the EPC (EPC217-08) and of the Swiss
// Payment Standards, names of at most 70 characters, one line of free text or
// one structured reference, no addresses. Accounts are IBANs or, where there
// are none (New Zealand), Othr. A bank code is given where it is known or, in
// Switzerland and Liechtenstein, stands in the IBAN; else the debtor's bank is
// NOTPROVIDED, as the EPC has it.
package pain
