package gateway

import (
	"context"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"github.com/shortwire/shortwire/gateway/picture"
	"github.com/shortwire/shortwire/subjects/taler"
)

// pictureForm is a file format of pictures.
type pictureForm struct {
	mediaType string
	receipt   bool // with the receipt unless the caller says otherwise: what is printed
	draw      func(*picture.Picture) ([]byte, error)
}

var (
	pictureSVG = pictureForm{"image/svg+xml", false, func(p *picture.Picture) ([]byte, error) { return p.SVG(), nil }}
	picturePNG = pictureForm{"image/png", false, (*picture.Picture).PNG}
	picturePDF = pictureForm{"application/pdf", true, (*picture.Picture).PDF}
)

// getPicture answers with what the payer of a live registration scans.
func (s *Server) getPicture(form pictureForm) fiber.Handler {
	return func(c *fiber.Ctx) error {
		request, err := s.pictureRequest(c, form)
		if err != nil {
			return err
		}
		drawn, err := picture.New(request)
		if err != nil {
			return err
		}
		file, err := s.drawPicture(c.UserContext(), drawn, form)
		if err != nil {
			return err
		}
		c.Set(fiber.HeaderContentType, form.mediaType)
		return c.Send(file)
	}
}

// drawPicture waits for its turn: a picture costs more work than any other public
// call, and must not keep the others from theirs.
func (s *Server) drawPicture(ctx context.Context, p *picture.Picture, form pictureForm) ([]byte, error) {
	select {
	case s.pictures <- struct{}{}:
		defer func() { <-s.pictures }()
		return form.draw(p)
	case <-ctx.Done():
		return nil, errTooManyPictures
	}
}

func (s *Server) pictureRequest(c *fiber.Ctx, form pictureForm) (picture.Request, error) {
	account, err := s.account(c)
	if err != nil {
		return picture.Request{}, err
	}
	pub, err := parse("authorization_pub", param(c, "authorization_pub"), taler.ParseEddsaPublicKey)
	if err != nil {
		return picture.Request{}, err
	}
	request := picture.Request{Currency: account.Currency, Language: c.Query("lang"), Receipt: form.receipt}
	if text := c.Query("amount"); text != "" {
		amount, err := parse("amount", text, taler.ParseAmount)
		if err != nil {
			return picture.Request{}, err
		}
		request.Amount = &amount
	}
	if text := c.Query("receipt"); text != "" {
		if request.Receipt, err = strconv.ParseBool(text); err != nil {
			return picture.Request{}, because(errMalformed, "receipt: write true or false")
		}
	}
	status, err := s.registrar.Status(c.UserContext(), account, pub)
	request.Subjects = status.Subjects
	return request, err
}
