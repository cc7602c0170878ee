//! What is drawn over the text of a file.
