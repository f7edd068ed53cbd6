package nzcsv_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/shortwire/shortwire/gateway/bankfile"
	"github.com/shortwire/shortwire/gateway/nzcsv"
	"github.com/shortwire/shortwire/subjects/taler"
)

func nz(t rapid.TB, account, name string) taler.Payto {
	t.Helper()
	p, err := taler.NewNZPayto(account, name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func order(t rapid.TB) *nzcsv.Order {
	return &nzcsv.Order{
		Created: time.Date(2026, 11, 22, 11, 30, 0, 0, time.UTC), // half past midnight of the next day in Auckland
		Debtor:  nz(t, "12-3456-1602757-59", "Example Exchange, Auckland"),
		Payments: []nzcsv.Payment{
			{EndToEndID: "SW38FF00F5CCF09785AA124A3F9DA0CE51", Amount: taler.Amount{Currency: "NZD", Value: 10, Fraction: 50_000_000},
				Creditor: nz(t, "01-0902-0068389-00", "Zoë Example-With-A-Long-Name"), Subject: "bounce malformed 2026-11-22/30dadbccd1a43ddccf054fbab50b453b/1"},
			{EndToEndID: "SW0000000000000000000000000000000A", Amount: taler.Amount{Currency: "NZD", Fraction: 1_000_000},
				Creditor: nz(t, "08-6523-1954512-001", ""), Subject: "bounce a,b"},
			{EndToEndID: "SW0000000000000000000000000000000B", Amount: taler.Amount{Currency: "NZD", Value: 999_999_999, Fraction: 99_000_000},
				Creditor: nz(t, "12-3456-1602757-59", "A"), Subject: ""},
		},
	}
}

func TestOrder(t *testing.T) {
	t.Parallel()
	got, err := order(t).Write()
	if err != nil {
		t.Fatal(err)
	}
	want := "1,,,,1234561602757059,7,261123,261123,I\r\n" +
		"2,0109020068389000,50,1050,Zoe Example-With-A-L,2026-11-22/3,malformed,,bounce,Example Exchange Auc,F09785AA124A,3F9DA0CE51,SW38FF00F5CC\r\n" +
		"2,0865231954512001,50,1,NOT PROVIDED,,,,bounce a b,Example Exchange Auc,000000000000,000000000A,SW0000000000\r\n" +
		"2,1234561602757059,50,99999999999,A,,,,,Example Exchange Auc,000000000000,000000000B,SW0000000000\r\n" +
		"3,100000001050,3,08813625658\r\n" // 09020068389 + 65231954512 + 34561602757
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
}

// What a direct credit cannot carry is refused.
func TestOrderRefused(t *testing.T) {
	t.Parallel()
	iban, err := taler.NewIBANPayto("CH9300762011623852957", "A")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*nzcsv.Order)
		want   error
	}{
		"nothing":           {func(o *nzcsv.Order) { o.Payments = nil }, nzcsv.ErrEmpty},
		"abroad":            {func(o *nzcsv.Order) { o.Payments[1].Creditor = iban }, nzcsv.ErrAccount},
		"from abroad":       {func(o *nzcsv.Order) { o.Debtor = iban }, nzcsv.ErrAccount},
		"other currency":    {func(o *nzcsv.Order) { o.Payments[0].Amount.Currency = "AUD" }, nzcsv.ErrAmount},
		"part of a cent":    {func(o *nzcsv.Order) { o.Payments[0].Amount.Fraction = 1 }, nzcsv.ErrAmount},
		"too much":          {func(o *nzcsv.Order) { o.Payments[0].Amount.Value = nzcsv.MaxDollars }, nzcsv.ErrAmount},
		"nothing in amount": {func(o *nzcsv.Order) { o.Payments[0].Amount = taler.Amount{Currency: "NZD"} }, nzcsv.ErrAmount},
	} {
		o := order(t)
		c.change(o)
		if _, err := o.Write(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Whatever stands in names and subjects, the file has its columns, adds up, and
// holds only characters that the bank takes; and the fields of the payer, in an
// export, name the payment.
func TestAnyOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o := order(t)
		o.Payments = nil
		var total, hash uint64
		for i := range rapid.IntRange(1, 4).Draw(t, "payments") {
			cents := rapid.Uint64Range(1, 99_999_999_999).Draw(t, "cents")
			total += cents
			hash += 34561602757
			o.Payments = append(o.Payments, nzcsv.Payment{
				EndToEndID: fmt.Sprintf("SW%032X", i), Creditor: nz(t, "12-3456-1602757-59", rapid.String().Draw(t, "name")), Subject: rapid.String().Draw(t, "subject"),
				Amount: taler.Amount{Currency: "NZD", Value: cents / 100, Fraction: uint32(cents%100) * 1_000_000},
			})
		}
		text, err := o.Write()
		if err != nil {
			t.Fatal(err)
		}
		table := csv.NewReader(bytes.NewReader(text))
		table.FieldsPerRecord = -1
		rows, err := table.ReadAll()
		if err != nil || len(rows) != len(o.Payments)+2 {
			t.Fatalf("%v in %s", err, text)
		}
		if diff := cmp.Diff([]string{"3", strconv.FormatUint(total, 10), strconv.Itoa(len(o.Payments)), fmt.Sprintf("%011d", hash%100_000_000_000)}, rows[len(rows)-1]); diff != "" {
			t.Fatal(diff)
		}
		for i, row := range rows[1 : len(rows)-1] {
			if len(row) != 13 || found(t, row) != o.Payments[i].EndToEndID {
				t.Fatalf("row %v names %q", row, found(t, row))
			}
			for j, column := range row {
				most := map[int]int{4: 20, 9: 20, 1: 16, 3: 11}[j]
				if most == 0 {
					most = 12
				}
				if len(column) > most || strings.Trim(column, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -'&/#?:_.") != "" {
					t.Fatalf("column %d: %q", j, column)
				}
			}
		}
	})
}

// found reads the payment back out of an account export, in another case.
func found(t rapid.TB, row []string) (id string) {
	export := "Date,Amount,Payee,Particulars,Code,Reference,Tran Type,This Party Account,Other Party Account,Serial,Transaction Code,Batch Number,Originating Bank/Branch,Processed Date\n" +
		"22/11/26,-1.00,X," + strings.ToLower(row[12]+","+row[10]+","+row[11]) + ",DC,12-3456-1602757-59,---,,,,,22/11/26\n"
	_, err := nzcsv.Read(strings.NewReader(export), options(nzcsv.BNZ), func(e *bankfile.Entry) error {
		id = e.Remittance.EndToEndID
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}
