"""From the OCR's logits to text: CTC decoding, beam search, and one reading out of several cuts of a plate."""
