package picture

// The measures of a bill (SIX, Style Guide QR-bill).
const (
	receiptWidth = 62.0
	partWidth    = 148.0
	partHeight   = 105.0
	margin       = 5.0
	titleSize    = 11.0
	codeTop      = 17.0
	codeSize     = 46.0
	amountTop    = 68.0
	crossSize    = 7.0
	partBottom   = 90.0 // of account, reference and debtor of the payment part
)

// drawPart draws the payment part with its left edge at x.
func (p *Picture) drawPart(d drawing, x float64) {
	d.text(x+margin, margin+titleSize*ascent*mmPerPoint, titleSize, true, p.words.paymentPart)
	d.modules(p.code, x+margin, codeTop, codeSize)
	d.cross(x+margin+codeSize/2, codeTop+codeSize/2)
	p.drawAmount(d, x+margin, wide, 14)
	if p.payment.decimal == "" {
		d.corners(x+margin+11, amountTop+5, 40, 15)
	}
	const column, width, box, below = 56.0, 87.0, 25.0, 4.0
	all := p.paragraphs(p.payment.holderLines(), true)
	s := styleFor(width, partBottom-box-below-margin, all...)
	bottom := d.column(x+column, margin, width, s, all...)
	d.text(x+column, bottom+s.heading*ascent*mmPerPoint, s.heading, true, p.words.payableBy)
	d.corners(x+column, bottom+below, 65, box)
}

// paragraphs are account, reference and, not on receipts, message.
func (p *Picture) paragraphs(holder []string, message bool) []paragraph {
	all := []paragraph{{p.words.account, holder}}
	if line := p.payment.referenceLine(); line != "" {
		all = append(all, paragraph{p.words.reference, []string{line}})
	}
	if _, _, text := p.payment.swissReference(); text != "" && message {
		all = append(all, paragraph{p.words.information, []string{text}})
	}
	return all
}

// drawAmount draws currency and amount as two columns.
func (p *Picture) drawAmount(d drawing, x float64, s style, second float64) {
	d.column(x, amountTop, second, s, paragraph{p.words.currency, []string{p.payment.currency}})
	amount := paragraph{heading: p.words.amount}
	if p.payment.decimal != "" {
		amount.lines = []string{printed(p.payment.decimal)}
	}
	d.column(x+second, amountTop, codeSize, s, amount)
}

// drawReceipt draws the receipt at the left edge.
func (p *Picture) drawReceipt(d drawing) {
	const width, top, box, below = receiptWidth - 2*margin, 12.0, 20.0, 3.2
	d.text(margin, margin+titleSize*ascent*mmPerPoint, titleSize, true, p.words.receipt)
	bottom := d.column(margin, top, width, narrow, p.receiptParagraphs(width, amountTop-box-below-top)...)
	d.text(margin, bottom+narrow.heading*ascent*mmPerPoint, narrow.heading, true, p.words.payableBy)
	d.corners(margin, bottom+below, width, box)
	p.drawAmount(d, margin, narrow, 12)
	if p.payment.decimal == "" {
		d.corners(receiptWidth-margin-30, amountTop+0.5, 30, 10)
	}
	right := receiptWidth - margin - textWidth(p.words.acceptancePoint, narrow.heading, true)
	d.text(right, 82+narrow.heading*ascent*mmPerPoint, narrow.heading, true, p.words.acceptancePoint)
}

// receiptParagraphs keep a height, as the amount has its place below them. The size
// is fixed; the guidelines let street and house number go, and what is still too
// long is cut. The payment part shows everything.
func (p *Picture) receiptParagraphs(width, height float64) []paragraph {
	all := p.paragraphs(p.payment.holderLines(), false)
	if narrow.height(width, all...) <= height {
		return all
	}
	const lines = 2 // of the name, and of the town
	holder := []string{blocks(p.payment.payee.IBAN(), 4)}
	holder = append(holder, clip(p.payment.payee.ReceiverName(), width, narrow.value, lines)...)
	return p.paragraphs(append(holder, clip(p.payment.townLine(), width, narrow.value, lines)...), false)
}

// drawSeparation draws the line between receipt and payment part, with scissors.
func (p *Picture) drawSeparation(d drawing) {
	d.line(0.75, true, receiptWidth, 0, receiptWidth, partHeight)
	d.scissors(receiptWidth, 9)
}

// cross draws the Swiss cross over the middle of a code: a white margin, a black
// square, and a white cross whose arms are one sixth longer than wide.
func (d drawing) cross(x, y float64) {
	const square, arm, length = crossSize - 1, crossSize / 6, 35.0 / 9
	d.rect(x-crossSize/2, y-crossSize/2, crossSize, crossSize, false)
	d.rect(x-square/2, y-square/2, square, square, true)
	d.rect(x-arm/2, y-length/2, arm, length, false)
	d.rect(x-length/2, y-arm/2, length, arm, false)
}

// scissors stand on a vertical line and cut upwards.
func (d drawing) scissors(x, y float64) {
	const stroke = 0.75
	d.line(stroke, false, x-0.9, y, x+1.1, y-4)
	d.line(stroke, false, x+0.9, y, x-1.1, y-4)
	d.ring(stroke, x-1.1, y+0.9)
	d.ring(stroke, x+1.1, y+0.9)
}

// ring is a handle of scissors.
func (d drawing) ring(stroke, x, y float64) {
	const r = 0.9
	var points []float64
	for _, at := range [][2]float64{
		{1, 0}, {0.92, 0.38}, {0.71, 0.71}, {0.38, 0.92}, {0, 1}, {-0.38, 0.92}, {-0.71, 0.71}, {-0.92, 0.38},
		{-1, 0}, {-0.92, -0.38}, {-0.71, -0.71}, {-0.38, -0.92}, {0, -1}, {0.38, -0.92}, {0.71, -0.71}, {0.92, -0.38}, {1, 0},
	} {
		points = append(points, x+r*at[0], y+r*at[1])
	}
	d.line(stroke, false, points...)
}
