// Package pain speaks with banks about outgoing payments in ISO 20022: it
// writes payment orders (pain.001.001.09 and .03) and reads what the bank says
// about them (pain.002.001.03 and .10).
//
// # Orders
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
//
// # Reports
//
// A report is refused as a whole when it is damaged. It gives one Status for
// each transaction that it names, and behind them one for each message or block
// (PmtInf) that it judges as a whole, which is about the transactions that it
// did not name. What a transaction does not say itself it has from its block,
// and the block from the message.
package pain
