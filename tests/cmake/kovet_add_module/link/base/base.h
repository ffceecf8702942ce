struct base_question {
	int number;
};
int base_answer(struct base_question *question);
