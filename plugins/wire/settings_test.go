package wire

import (
	"errors"
	"strings"
	"testing"
)

func TestCheckParameters(t *testing.T) {
	t.Parallel()
	s := Settings{Account: "ch", Parameters: map[string]string{"prefix": "1", "qriban": "CH"}}
	err := s.CheckParameters("qr_iban", "prefix")
	if !errors.Is(err, ErrSettings) || !strings.Contains(err.Error(), `account "ch": remove the parameter "qriban", this method knows qr_iban, prefix`) {
		t.Errorf("error %v", err)
	}
	if err := s.CheckParameters(); !errors.Is(err, ErrSettings) {
		t.Errorf("error %v", err)
	}
	if err := s.CheckParameters("prefix", "qriban"); err != nil {
		t.Errorf("error %v", err)
	}
}

func TestIsQRIBAN(t *testing.T) {
	t.Parallel()
	for iban, want := range map[string]bool{
		"CH4431999123000889012": true, "CH6431961000004421557": true, "CH7730000001250094239": true,
		"CH5204835012345671000": false, "CH5800791123000889012": false, "CH9300762011623852957": false, "CH2909000000250094239": false,
		"DE75512108001245126199": false, "": false,
	} {
		if got := IsQRIBAN(iban); got != want {
			t.Errorf("IsQRIBAN(%s) = %t", iban, got)
		}
	}
}
