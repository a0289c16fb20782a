"""From the OCR's logits to text: CTC decoding, and the vote of several cuts of a plate."""
