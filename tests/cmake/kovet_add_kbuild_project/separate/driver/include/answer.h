int separate_answer(void);
